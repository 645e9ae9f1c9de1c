import { useTranslation } from 'react-i18next'

import type { DemoAccount } from '../../api/types'
import { useRoleName } from '../../ui/useRoleName'

interface DemoAccountsProps {
  accounts: readonly DemoAccount[]
  onPick: (account: DemoAccount) => void
}

/** The server names these only in `dev` and only to the same machine. */
export function DemoAccounts({ accounts, onPick }: DemoAccountsProps) {
  const { t } = useTranslation('auth')
  const roleName = useRoleName()
  return (
    <section aria-label={t('demo.title')} className="mt-8 border-t border-line pt-4">
      <h2 className="mb-1 text-xs text-soft">{t('demo.title')}</h2>
      <ul className="-mx-2">
        {accounts.map((account) => (
          <li key={account.email + account.tenant}>
            <button
              type="button"
              onClick={() => onPick(account)}
              className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover"
            >
              <span className="truncate">{account.email}</span>
              <span className="ml-auto text-xs whitespace-nowrap text-soft">
                {roleName(account.role)} · {account.tenant}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
