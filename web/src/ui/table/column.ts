import type { ReactNode } from 'react'

export interface Column<Row> {
  id: string
  header: string
  /** In widths of a digit, so that it fits in any font; the first column takes what is left. */
  width: number
  align?: 'right'
  /** The name of this column in the API's `sort`. */
  sort?: string
  /** What a copy and a CSV say: the exact value, not the rounded one on the screen. */
  text: (row: Row) => string
  /** What the screen shows, where that differs. */
  cell?: (row: Row) => ReactNode
  title?: (row: Row) => string
}

export interface TotalsRow {
  key: string
  /** What is totalled, under the first column. */
  label: ReactNode
  cells: Readonly<Record<string, ReactNode>>
}

export const ROW_PX = 32

export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return [
    columns.map((column) => column.header),
    ...rows.map((row) => columns.map((column) => column.text(row))),
  ]
}

/** The order after a click on a header: text begins at A, figures with the largest. */
export function nextSort(column: { sort?: string; align?: 'right' }, sort: string | undefined) {
  const key = column.sort
  if (key === undefined) return sort
  if (sort === key) return `-${key}`
  if (sort === `-${key}`) return key
  return column.align === 'right' ? `-${key}` : key
}

export function ariaSort(key: string | undefined, sort: string | undefined) {
  if (key === undefined) return undefined
  if (sort === key) return 'ascending'
  if (sort === `-${key}`) return 'descending'
  return 'none'
}
