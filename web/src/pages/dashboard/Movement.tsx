import { useTranslation } from 'react-i18next'

import { difference, signOf } from '../../ui/format/decimal'
import { useFormat } from '../../ui/format/useFormat'

interface MovementProps {
  now: string | null
  before: string | null
  since: string
  /** How the difference is written: an amount, or a multiple. */
  as?: 'amount' | 'multiple'
}

/** How a figure moved since the reporting date before, with its sign; more is not better by itself. */
export function Movement({ now, before, since, as = 'amount' }: MovementProps) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const apart = difference(now ?? '', before ?? '')
  if (apart === null) return null
  const sign = signOf(apart)
  const text = as === 'amount' ? format.amount(apart) : multipleOf(apart, format)
  return (
    <span title={t('sinceDate', { date: since })}>
      {sign === 0 ? t('unchanged') : `${sign > 0 ? '+' : ''}${text}`}
      <span className="sr-only"> {t('sinceDate', { date: since })}</span>
    </span>
  )
}

/** A multiple in two decimals, or in all it has where two would hide it. */
function multipleOf(apart: string, format: ReturnType<typeof useFormat>): string {
  return /^-?0\.00/.test(apart) ? `${format.number(apart)}×` : format.multiple(apart)
}
