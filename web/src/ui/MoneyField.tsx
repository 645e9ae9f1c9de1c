import { useTranslation } from 'react-i18next'

import { TextField } from './Field'
import { formatExact, formatPlain } from './format/numbers'
import { parseAmount } from './format/parseAmount'

interface MoneyFieldProps {
  name: string
  label: string
  currency: string
  value: string
  onChange: (text: string) => void
  error?: string | undefined
  required?: boolean
}

/** An amount as people write or paste it. What was understood stands below before anything is sent. */
export function MoneyField({ currency, value, onChange, ...field }: MoneyFieldProps) {
  const { t, i18n } = useTranslation()
  const locale = i18n.language
  const parsed = parseAmount(value, { locale, currency })
  // Nothing is said of what is written as we would write it.
  const isOdd =
    'amount' in parsed && ![parsed.amount, formatPlain(parsed.amount, locale)].includes(value)
  const hint = isOdd
    ? t('amount.understood', { amount: formatExact(parsed.amount, currency, locale) })
    : undefined
  return (
    <TextField
      {...field}
      unit={currency}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      // The room for what was understood is there from the start, so that nothing moves while one types.
      hint={hint ?? (field.error ? undefined : '\u00a0')}
      onChange={({ target }) => onChange(target.value)}
    />
  )
}
