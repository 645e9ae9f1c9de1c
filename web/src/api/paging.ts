/** A keyset page as the contract has it. */
export interface Page<T> {
  items: T[]
  next?: string | null | undefined
}

export const PAGE_SIZE = 200

/** The rows of all pages, each once: a row that moved between two reads may stand on both. */
export function rowsOf<T>(pages: readonly Page<T>[] | undefined, id: (row: T) => string): T[] {
  const seen = new Set<string>()
  const rows: T[] = []
  for (const page of pages ?? []) {
    for (const row of page.items) {
      const key = id(row)
      if (seen.has(key)) continue
      seen.add(key)
      rows.push(row)
    }
  }
  return rows
}

/** The cursor after a page; a cursor that repeats would never end, so it ends the list. */
export function cursorAfter<T>(page: Page<T>, _pages: readonly Page<T>[], used: unknown) {
  return page.next && page.next !== used ? page.next : undefined
}
