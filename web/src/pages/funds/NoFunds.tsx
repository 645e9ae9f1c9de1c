import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { mayImport } from '../../app/access'
import { useMembership } from '../../app/useSession'
import { Button, buttonClass } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import type { FundsSearch } from './fundsSearch'

interface NoFundsProps {
  slug: string
  search: FundsSearch
  onChange: (part: Partial<FundsSearch>) => void
}

/** Nothing to show: because nothing matches, or because nothing has come in yet. */
export default function NoFunds({ slug, search, onChange }: NoFundsProps) {
  const { t } = useTranslation('funds')
  const { role } = useMembership(slug)
  if (search.q || search.vintage || search.as_of) {
    const clear = () => onChange({ q: undefined, vintage: undefined, as_of: undefined })
    return (
      <EmptyState
        title={t('noMatch.title')}
        action={<Button onClick={clear}>{t('noMatch.clear')}</Button>}
      >
        {t('noMatch.next')}
      </EmptyState>
    )
  }
  const toImport = (
    <Link to="/t/$slug/imports" params={{ slug }} className={buttonClass('primary')}>
      {t('empty.import')}
    </Link>
  )
  return (
    <EmptyState title={t('empty.title')} action={mayImport(role) ? toImport : undefined}>
      {mayImport(role) ? t('empty.next') : t('empty.nextInvestor')}
    </EmptyState>
  )
}
