import { useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'

import { toast } from '../toasts'
import { useShortcuts } from '../useShortcuts'

export interface Cursor {
  row: number
  column: number
}

interface RowCursorInput {
  region: RefObject<HTMLElement | null>
  rowCount: number
  columnCount: number
  scrollTo: (row: number) => void
}

/** `j` and `k` walk the rows, `h` and `l` the cells, `c` copies the cell that they stand on. */
export function useRowCursor({ region, rowCount, columnCount, scrollTo }: RowCursorInput) {
  const { t } = useTranslation()
  const [cursor, setCursor] = useState<Cursor | undefined>()

  const moveRow = (step: number) => {
    if (rowCount === 0) return
    const from = cursor?.row ?? (step > 0 ? -1 : 0)
    const row = Math.min(rowCount - 1, Math.max(0, from + step))
    setCursor({ row, column: cursor?.column ?? 0 })
    scrollTo(row)
    // The row may not be drawn before the next frame.
    requestAnimationFrame(() => focusRow(region.current, row))
  }
  const moveColumn = (step: number) => {
    if (!cursor) return
    const column = Math.min(columnCount - 1, Math.max(0, cursor.column + step))
    setCursor({ ...cursor, column })
  }
  const copyCell = () => {
    if (!cursor) return
    const row = region.current?.querySelector(`[data-index="${cursor.row}"]`)
    const text = row?.children[cursor.column]?.getAttribute('data-copy')
    if (!text) return
    void navigator.clipboard.writeText(text).then(() => toast(t('table.copied', { text })))
  }

  const mine = (act: () => void) => () => {
    if (hasKeys(region.current)) act()
  }
  useShortcuts({
    j: mine(() => moveRow(1)),
    k: mine(() => moveRow(-1)),
    ArrowDown: mine(() => moveRow(1)),
    ArrowUp: mine(() => moveRow(-1)),
    l: mine(() => moveColumn(1)),
    h: mine(() => moveColumn(-1)),
    c: mine(copyCell),
  })
  return cursor
}

/** Of several tables on a page, the one with the focus has the keys, or else the first. */
function hasKeys(region: HTMLElement | null): boolean {
  const focused = document.activeElement?.closest('[data-table]')
  return region !== null && region === (focused ?? document.querySelector('[data-table]'))
}

function focusRow(region: HTMLElement | null, index: number) {
  const row = region?.querySelector<HTMLElement>(`[data-index="${index}"]`)
  const target = row?.querySelector<HTMLElement>('a, button') ?? row
  target?.focus({ preventScroll: true })
}
