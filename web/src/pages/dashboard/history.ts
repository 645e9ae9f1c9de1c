import type { Dated } from '../../api/types'
import { compareDecimals } from '../../ui/format/decimal'

/** What there is to say about figures over time. */
export interface Story {
  to: string
  called: string
  distributed: string
  value: string
  peak: string
  peakDate: string
  kind: 'one' | 'atPeak' | 'pastPeak'
}

/** The words of a history; nothing is said of nothing. */
export function storyOf(history: readonly Dated[]): Story | undefined {
  const last = history.at(-1)
  if (!last) return undefined
  let peak = last
  for (const one of history) {
    const higher = compareDecimals(one.positions.value.amount, peak.positions.value.amount) > 0
    if (higher) peak = one
  }
  const { called, distributed, value } = last.positions
  return {
    to: last.as_of,
    called: called.amount,
    distributed: distributed.amount,
    value: value.amount,
    peak: peak.positions.value.amount,
    peakDate: peak.as_of,
    kind: history.length === 1 ? 'one' : peak === last ? 'atPeak' : 'pastPeak',
  }
}
