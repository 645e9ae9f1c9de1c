import { isDecimal } from './decimal'

const NOTHING = '–'
const formats = new Map<string, Intl.NumberFormat>()

/** Making an Intl format costs more than using it a thousand times. */
function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options)
  let known = formats.get(key)
  if (!known) {
    known = new Intl.NumberFormat(locale, options)
    formats.set(key, known)
  }
  return known
}

/** Intl writes a hyphen for a minus; a figure deserves the real sign. */
const withMinus = (text: string) => text.replace('-', '−')

/** An amount in whole units, grouped, without its currency: the column says that once. */
export function formatAmount(amount: string, locale: string): string {
  if (!isDecimal(amount)) return amount
  return withMinus(
    format(locale, { maximumFractionDigits: 0, signDisplay: 'negative' }).format(amount),
  )
}

/** A number of no unit, to the last digit it was given with. */
export function formatNumber(text: string, locale: string): string {
  if (!isDecimal(text)) return text
  return withMinus(format(locale, { maximumFractionDigits: 20 }).format(text))
}

/** An amount to the last digit it was given with, and its currency. */
export function formatExact(amount: string, currency: string, locale: string): string {
  if (!isDecimal(amount)) return `${amount} ${currency}`
  const digits = Math.max(2, amount.split('.')[1]?.length ?? 0)
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return `${withMinus(format(locale, options).format(amount))} ${currency}`
}

/** An amount to the last digit it was given with, as one would type it into a field. */
export function formatPlain(amount: string, locale: string): string {
  if (!isDecimal(amount)) return amount
  const digits = amount.split('.')[1]?.length ?? 0
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return format(locale, options).format(amount)
}

/** An amount to three figures, as in 1.42B: for a tooltip or a headline, never for a booking. */
export function formatCompact(amount: string, locale: string): string {
  if (!isDecimal(amount)) return amount
  const options = { notation: 'compact', maximumSignificantDigits: 4 } as const
  return withMinus(format(locale, options).format(amount))
}

/** A multiple of what was paid in: 1.42×. */
export function formatMultiple(multiple: string | null | undefined, locale: string): string {
  if (multiple == null) return NOTHING
  if (!isDecimal(multiple)) return multiple
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  return `${withMinus(format(locale, options).format(multiple))}×`
}

/** Thousandths as a percentage with one decimal. */
export function formatPerMille(perMille: number | null, locale: string): string {
  if (perMille === null) return NOTHING
  const options = { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 } as const
  return withMinus(format(locale, options).format(perMille / 1000))
}

export function formatCount(count: number, locale: string): string {
  return format(locale, {}).format(count)
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

export function formatBytes(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0)
  const options = {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  } as const
  return format(locale, options).format(bytes / 1000 ** step)
}
