import { useCallback, useMemo, useState } from 'react'

import { steady, type Steady } from './steady'

interface SteadyRows<Row> extends Omit<Steady<Row>, 'rows'> {
  rows: readonly Row[] | undefined
  /** Show everything in the order asked for. */
  accept: () => void
}

/** Rows that stay in place while they change. `of` is the question they answer: another one begins anew. */
export function useSteadyRows<Row>(
  rows: readonly Row[] | undefined,
  id: (row: Row) => string,
  of: string | undefined,
): SteadyRows<Row> {
  const [seen, setSeen] = useState<{ of: string | undefined; order: readonly string[] }>()
  const order = seen !== undefined && seen.of === of && of !== undefined ? seen.order : undefined
  const placed = useMemo(
    () => (rows && order ? steady(order, rows, id) : { rows, held: 0, moved: false }),
    [rows, order, id],
  )
  const shown = placed.rows
  const isNew =
    shown !== undefined &&
    (shown.length !== order?.length || shown.some((row, at) => id(row) !== order[at]))
  if (isNew && of !== undefined) setSeen({ of, order: shown.map(id) })
  const accept = useCallback(() => setSeen(undefined), [])
  return { ...placed, rows: shown, accept }
}
