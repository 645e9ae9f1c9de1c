import { isDecimal, type Decimal } from './decimal'

export type AmountFault = 'empty' | 'not_a_number' | 'ambiguous' | 'too_precise'
export type ParsedAmount = { amount: Decimal } | { fault: AmountFault }

interface Reading {
  /** What divides whole from fraction in the reader's language. */
  locale: string
  currency: string
}

const GROUPED_BY_THREE = /^\d{1,3}([.,' ])\d{3}(\1\d{3})*$/
/** India counts the last three, then in pairs: 12,34,567. */
const GROUPED_BY_TWO = /^\d{1,2}(,\d{2})+,\d{3}$/

/**
 * Read an amount as people paste it: `1,234.50`, `1.234,50`, `12,34,567`, `1 234,50 USD`, `(1,234)`.
 *
 * A text that can be read in one way only is read that way, whatever the language; `1,234` has two,
 * and the language decides. What it cannot decide is asked back rather than guessed.
 */
export function parseAmount(text: string, { locale, currency }: Reading): ParsedAmount {
  const { digits, negative } = bare(text, currency)
  if (digits === '') return { fault: 'empty' }
  if (!/^\d[\d.,' ]*$|^[.,]\d+$/.test(digits)) return { fault: 'not_a_number' }
  const plain = withoutGroups(digits, decimalSign(locale))
  if (plain === undefined) return { fault: 'not_a_number' }
  if ((plain.split('.')[1]?.length ?? 0) > decimalsOf(currency)) {
    // Three digits after a sign that groups elsewhere: most likely the other convention.
    return { fault: /^\d{1,3}[.,]\d{3}$/.test(digits) ? 'ambiguous' : 'too_precise' }
  }
  const amount = (plain.startsWith('.') ? `0${plain}` : plain).replace(/^0+(?=\d)/, '')
  const isZero = !/[1-9]/.test(amount)
  const signed = negative && !isZero ? `-${amount}` : amount
  return isDecimal(signed) ? { amount: signed } : { fault: 'not_a_number' }
}

/** The digits and signs alone: no currency, no odd spaces, and what makes it negative. */
function bare(text: string, currency: string) {
  let rest = text.replaceAll(/[\s\u00a0\u202f\u2009]+/g, ' ').trim()
  const bracketed = /^\((.*)\)$/.exec(rest)
  if (bracketed) rest = bracketed[1] ?? ''
  rest = rest
    .replace(new RegExp(`^${currency}|${currency}$`, 'i'), '')
    .replaceAll(/[$€£¥₹]/g, '')
    .replaceAll('’', "'")
    .trim()
  const negative = bracketed !== null || /^[-−]/.test(rest)
  return { digits: rest.replace(/^[-−+]\s*/, ''), negative }
}

/** The text with a point for the fraction and nothing between its groups, if it has a reading. */
function withoutGroups(digits: string, own: '.' | ','): string | undefined {
  const signs = [...digits.matchAll(/[.,]/g)].map(([sign]) => sign)
  const kinds = new Set(signs)
  const last = signs.at(-1)
  if (last === undefined) return wholeOf(digits)
  if (kinds.size === 2) {
    // The later of two signs divides, and stands once.
    return signs.filter((sign) => sign === last).length === 1 ? divided(digits, last) : undefined
  }
  if (signs.length > 1) return wholeOf(digits)
  const grouped = GROUPED_BY_THREE.test(digits)
  return grouped && last !== own ? wholeOf(digits) : divided(digits, last)
}

function divided(digits: string, sign: string): string | undefined {
  const at = digits.lastIndexOf(sign)
  const fraction = digits.slice(at + 1)
  const whole = at === 0 ? '' : wholeOf(digits.slice(0, at))
  if (whole === undefined || !/^\d+$/.test(fraction)) return undefined
  return `${whole}.${fraction}`
}

function wholeOf(digits: string): string | undefined {
  if (/^\d+$/.test(digits)) return digits
  const grouped = GROUPED_BY_THREE.test(digits) || GROUPED_BY_TWO.test(digits)
  return grouped ? digits.replaceAll(/[.,' ]/g, '') : undefined
}

function decimalSign(locale: string): '.' | ',' {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5)
  return parts.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.'
}

/** How many decimals a currency has; what is no currency is taken to have two. */
function decimalsOf(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    return format.resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2
  }
}
