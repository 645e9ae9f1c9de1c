export interface Mark {
  /** ms since the epoch */
  at: number
  rows: number
  bytes: number
}

export interface Pace {
  rowsPerSecond: number
  /** Undefined while it cannot be told. */
  secondsLeft: number | undefined
}

/** The newest marks only: an import that slows down should say so. */
const WINDOW_MS = 8_000

export function withMark(marks: readonly Mark[], mark: Mark): Mark[] {
  const recent = marks.filter((one) => mark.at - one.at <= WINDOW_MS)
  // One mark from before the window keeps a slow import measurable.
  const before = marks.length > recent.length ? marks.slice(-recent.length - 1).slice(0, 1) : []
  return [...before, ...recent, mark]
}

/** How fast an import goes and how long it still takes, by what it did lately. */
export function paceOf(marks: readonly Mark[], bytesInAll: number): Pace | undefined {
  const first = marks[0]
  const last = marks.at(-1)
  if (!first || !last || last.at <= first.at) return undefined
  const seconds = (last.at - first.at) / 1000
  const bytesPerSecond = (last.bytes - first.bytes) / seconds
  return {
    rowsPerSecond: Math.max(0, Math.round((last.rows - first.rows) / seconds)),
    secondsLeft:
      bytesPerSecond > 0 ? Math.max(0, (bytesInAll - last.bytes) / bytesPerSecond) : undefined,
  }
}
