import { compareDecimals, difference, ratio, type Decimal } from '../format/decimal'

/** An axis of amounts: zero always lies on it, and above it a round figure that holds all. */
export interface Axis {
  min: Decimal
  max: Decimal
  ticks: Decimal[]
}

const STEPS = [1n, 2n, 5n]

/** An axis for these figures, with three to six lines. What lies below zero takes no more room than it needs. */
export function axisOf(figures: readonly string[]): Axis {
  const sorted = figures.toSorted(compareDecimals)
  const top = whole(sorted.at(-1), 1n)
  const bottom = whole(sorted[0], -1n)
  const high = top > 0n ? top : 0n
  const low = bottom < 0n ? bottom : 0n
  const step = stepFor(high - low)
  const last = high === 0n && low < 0n ? 0n : (high + step - 1n) / step || 1n
  const ticks: Decimal[] = []
  for (let at = low / step; at <= last; at++) ticks.push(`${at * step}` as Decimal)
  return { min: `${low}` as Decimal, max: ticks.at(-1) ?? '0', ticks }
}

/** A figure cut to whole units, away from zero by one so that the axis never cuts it. */
function whole(figure: string | undefined, away: bigint): bigint {
  const [digits = '0', fraction = ''] = (figure ?? '0').split('.')
  const cut = BigInt(/^-?\d+$/.test(digits) ? digits : '0')
  const rest = /[1-9]/.test(fraction)
  const isOutside = away > 0n ? !figure?.startsWith('-') : Boolean(figure?.startsWith('-'))
  return rest && isOutside ? cut + away : cut
}

function stepFor(span: bigint): bigint {
  for (let unit = 1n; ; unit *= 10n) {
    for (const step of STEPS) if (step * unit * 4n >= span) return step * unit
  }
}

/** How high a figure stands on its axis: 0 at the bottom, 1 at the top. */
export function heightOn({ min, max }: Axis, figure: string): number {
  return ratio(difference(figure, min) ?? '0', difference(max, min) ?? '1')
}

const DAY_MS = 86_400_000

/** The days since the epoch of an ISO date. */
export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS

/** The first days of years to write under an axis of days, at most `most`. */
export function yearTicks(from: string, to: string, most: number): string[] {
  const first = Number(from.slice(0, 4)) + (from.slice(5) === '01-01' ? 0 : 1)
  const last = Number(to.slice(0, 4))
  const step = [1, 2, 5, 10, 20, 50].find((one) => (last - first) / one < most) ?? 100
  const years: string[] = []
  for (let year = Math.ceil(first / step) * step; year <= last; year += step) {
    years.push(`${String(year).padStart(4, '0')}-01-01`)
  }
  return years
}

/** Move labels apart, in their order, so that none covers another and all stay inside. */
export function spread(wanted: readonly number[], apart: number, bottom: number): number[] {
  const order = wanted.map((_, index) => index).toSorted((a, b) => at(wanted, a) - at(wanted, b))
  const placed = [...wanted]
  let least = 0
  for (const index of order) {
    placed[index] = Math.max(at(placed, index), least)
    least = at(placed, index) + apart
  }
  let most = bottom
  for (const index of order.toReversed()) {
    placed[index] = Math.min(at(placed, index), most)
    most = at(placed, index) - apart
  }
  return placed
}

const at = (all: readonly number[], index: number) => all[index] ?? 0
