export interface Steady<Row> {
  rows: Row[]
  /** New rows that belong between those in sight and wait to be asked for. */
  held: number
  /** Rows in sight that would stand elsewhere in the order asked for. */
  moved: boolean
}

/**
 * Keep rows where they are while they change: none jumps from under the pointer.
 *
 * `order` are the ids in sight. What follows after all of them is the next page and is simply
 * added; what would stand between them is held back.
 */
export function steady<Row>(
  order: readonly string[],
  rows: readonly Row[],
  id: (row: Row) => string,
): Steady<Row> {
  const byId = new Map(rows.map((row) => [id(row), row]))
  const known = new Set(order)
  const lastKnown = rows.findLastIndex((row) => known.has(id(row)))
  const kept = order.flatMap((one) => byId.get(one) ?? [])
  const inside = rows.slice(0, lastKnown + 1)
  const wanted = inside.filter((row) => known.has(id(row)))
  return {
    rows: [...kept, ...rows.slice(lastKnown + 1)],
    held: inside.length - wanted.length,
    moved: wanted.some((row, at) => row !== kept[at]),
  }
}
