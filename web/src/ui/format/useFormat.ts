import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import * as numbers from './numbers'
import * as time from './time'

/** The formats in the language of the reader. */
export function useFormat() {
  const locale = useTranslation().i18n.language
  return useMemo(
    () => ({
      amount: (amount: string) => numbers.formatAmount(amount, locale),
      exact: (money: { amount: string; currency: string }) =>
        numbers.formatExact(money.amount, money.currency, locale),
      compact: (amount: string) => numbers.formatCompact(amount, locale),
      multiple: (multiple: string | null | undefined) => numbers.formatMultiple(multiple, locale),
      perMille: (value: number | null) => numbers.formatPerMille(value, locale),
      number: (text: string) => numbers.formatNumber(text, locale),
      count: (count: number) => numbers.formatCount(count, locale),
      bytes: (bytes: number) => numbers.formatBytes(bytes, locale),
      instant: (instant: string) => time.formatInstant(instant, locale),
      duration: (seconds: number) => time.formatDuration(seconds, locale),
      age: (instant: string, now?: number) => time.formatAge(instant, locale, now),
    }),
    [locale],
  )
}
