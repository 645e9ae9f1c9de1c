import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { deploymentQuery } from '../../api/deployment'

const LINK = 'text-sm text-accent hover:underline'

/** The ways on from a page before the door. */
export function DoorLinks({ children }: { children?: ReactNode }) {
  const { t } = useTranslation('auth')
  return (
    <nav aria-label={t('reset.back')} className="mt-5 flex flex-col items-start gap-2">
      {children}
      <a href="/sign-in" className={LINK}>
        {t('reset.back')}
      </a>
      <MailboxLink />
    </nav>
  )
}

/** In `dev` mails are not sent but kept, and can be read. */
export function MailboxLink() {
  const { t } = useTranslation('auth')
  const deployment = useQuery(deploymentQuery).data
  if (deployment?.environment !== 'dev' || !deployment.mail) return null
  return (
    <a href="/dev/mail" className={LINK}>
      {t('reset.mailbox')}
    </a>
  )
}
