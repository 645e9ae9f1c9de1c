// Amounts travel as decimal strings and are shown from them. No figure passes through a binary
// float on its way to the screen; 9007199254740993.01 has to survive.

const DECIMAL = /^-?\d+(\.\d+)?$/

export type Decimal = `${number}`

export function isDecimal(text: string): text is Decimal {
  return DECIMAL.test(text)
}

/** Digits of a decimal as an integer, scaled by 10^scale; digits past the scale are cut. */
function scaled(text: Decimal, scale: number): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  return negative ? -digits : digits
}

/** The larger number of decimals that two texts carry. */
function scaleOf(...texts: Decimal[]): number {
  return Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0))
}

/**
 * part ÷ whole in thousandths, rounded half away from zero; null when there is no whole.
 * Thousandths are small, so this may be a number: it drives a bar and a percentage.
 */
export function perMille(part: string, whole: string): number | null {
  if (!isDecimal(part) || !isDecimal(whole)) return null
  const scale = scaleOf(part, whole)
  const divisor = scaled(whole, scale)
  if (divisor <= 0n) return null
  const doubled = (scaled(part, scale) * 2000n) / divisor
  return Number((doubled + (doubled < 0n ? -1n : 1n)) / 2n)
}
