import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { mayImport } from '../../app/access'
import { useMembership } from '../../app/useSession'
import { buttonClass } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'

interface NothingReportedProps {
  slug: string
  asOf: string | undefined
}

/** No figures: because nothing has come in yet, or not by this day. */
export function NothingReported({ slug, asOf }: NothingReportedProps) {
  const { t } = useTranslation('dashboard')
  const { role } = useMembership(slug)
  if (asOf) {
    const today = (
      <Link to="/t/$slug/portfolio" params={{ slug }} className={buttonClass()}>
        {t('empty.toToday')}
      </Link>
    )
    return (
      <EmptyState title={t('overTime.none')} action={today}>
        {t('empty.nextDay')}
      </EmptyState>
    )
  }
  const toImports = (
    <Link to="/t/$slug/imports" params={{ slug }} className={buttonClass('primary')}>
      {t('empty.toImports')}
    </Link>
  )
  return (
    <EmptyState title={t('empty.title')} action={mayImport(role) ? toImports : undefined}>
      {mayImport(role) ? t('empty.next') : t('empty.nextInvestor')}
    </EmptyState>
  )
}
