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

/** a − b to the last digit of either; null when one of them is no decimal. */
export function difference(a: string, b: string): Decimal | null {
  if (!isDecimal(a) || !isDecimal(b)) return null
  const scale = scaleOf(a, b)
  return unscaled(scaled(a, scale) - scaled(b, scale), scale)
}

/** a + b to the last digit of either; null when one of them is no decimal. */
export function sum(a: string, b: string): Decimal | null {
  if (!isDecimal(a) || !isDecimal(b)) return null
  const scale = scaleOf(a, b)
  return unscaled(scaled(a, scale) + scaled(b, scale), scale)
}

/** Below, at or above zero. */
export function signOf(text: string): -1 | 0 | 1 {
  if (!/[1-9]/.test(text)) return 0
  return text.startsWith('-') ? -1 : 1
}

/** Orders decimals by size; what is none comes first. */
export function compareDecimals(a: string, b: string): number {
  const apart = difference(a, b)
  if (apart !== null) return signOf(apart)
  return Number(isDecimal(a)) - Number(isDecimal(b))
}

const FINE = 1_000_000n

/** part ÷ whole to six digits: a place on a screen, never a figure. */
export function ratio(part: string, whole: string): number {
  if (!isDecimal(part) || !isDecimal(whole)) return 0
  const scale = scaleOf(part, whole)
  const divisor = scaled(whole, scale)
  if (divisor === 0n) return 0
  return Number((scaled(part, scale) * FINE) / divisor) / Number(FINE)
}

function unscaled(value: bigint, scale: number): Decimal {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale > 0 ? `${whole}.${digits.slice(-scale)}` : whole
  return (value < 0n ? `-${text}` : text) as Decimal
}
