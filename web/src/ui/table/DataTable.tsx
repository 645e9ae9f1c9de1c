import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef } from 'react'

import { ROW_PX, type Column, type TotalsRow } from './column'
import { TableFoot } from './TableFoot'
import { TableHead } from './TableHead'
import { TableRow } from './TableRow'
import { useRowCursor } from './useRowCursor'

interface DataTableProps<Row> {
  label: string
  columns: readonly Column<Row>[]
  /** The rows read so far; undefined before the first answer. */
  rows: readonly Row[] | undefined
  /** How many there are in all; the scrollbar knows it before the rows are here. */
  count: number
  rowId: (row: Row) => string
  sort?: string | undefined
  onSort?: (sort: string) => void
  openId?: string | undefined
  onOpen?: (row: Row) => void
  link?: (row: Row, children: ReactNode) => ReactNode
  /** Absent: a table without totals. Undefined: not read yet. */
  totals?: { rows: readonly TotalsRow[] | undefined }
  /** The rows up to this index are in sight. */
  onSeen?: (lastIndex: number) => void
  /** How many rows to hold room for before the first answer. */
  expected?: number
  /** The question that the rows answer; while it stays the same, a cell that changes is marked. */
  of?: string | undefined
  /** The rows answer an earlier question; they stay until the new ones are here. */
  outdated?: boolean
}

/** Of use once there are rows and a pointer: nobody waits for it. */
const CopyOverlay = lazy(() => import('./CopyOverlay'))

const EXPECTED_ROWS = 6
const OVERSCAN = 10

/** The one table: sticky head and totals, virtual rows, keys, copy. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowId, openId, totals, onSeen } = props
  const region = useRef<HTMLDivElement>(null)
  const count = rows ? props.count : (props.expected ?? EXPECTED_ROWS)
  const cursorRow = useRef<number | undefined>(undefined)

  const rangeExtractor = useCallback((range: Range) => {
    const shown = defaultRangeExtractor(range)
    // The row with the focus stays in the document when it scrolls away, or the focus would be lost.
    const kept = cursorRow.current
    const isAway = kept !== undefined && kept < range.count && !shown.includes(kept)
    return isAway ? [...shown, kept].toSorted((a, b) => a - b) : shown
  }, [])
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => region.current,
    estimateSize: () => ROW_PX,
    initialRect: { width: 1000, height: 640 },
    overscan: OVERSCAN,
    rangeExtractor,
    scrollPaddingStart: ROW_PX,
    scrollPaddingEnd: ROW_PX * ((totals?.rows?.length ?? 0) + 1),
  })
  const cursor = useRowCursor({
    region,
    rowCount: rows?.length ?? 0,
    columnCount: columns.length,
    scrollTo: (row) => virtualizer.scrollToIndex(row, { align: 'auto' }),
  })
  useEffect(() => {
    cursorRow.current = cursor?.row
  }, [cursor])

  const items = virtualizer.getVirtualItems()
  const lastIndex = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows) onSeen?.(lastIndex)
  }, [rows, lastIndex, onSeen])

  const width = columns.reduce((sum, column) => sum + column.width, 0)
  return (
    <div
      ref={region}
      data-table
      data-scroll-restoration-id={props.label}
      role="region"
      aria-label={props.label}
      aria-busy={!rows || props.outdated}
      // What scrolls has to be reachable by keys.
      tabIndex={0}
      className={`relative min-h-0 flex-1 overflow-auto border-t border-line -outline-offset-2 ${props.outdated ? 'opacity-60 transition-opacity delay-150' : ''}`}
    >
      <table
        aria-label={props.label}
        aria-rowcount={count + 1 + (totals?.rows?.length ?? 0)}
        style={{ minWidth: `${width}ch` }}
        className="w-full table-fixed border-separate border-spacing-0 text-sm"
      >
        <colgroup>
          {columns.map((column, at) => (
            <col key={column.id} style={at === 0 ? undefined : { width: `${column.width}ch` }} />
          ))}
        </colgroup>
        <TableHead columns={columns} sort={props.sort} onSort={props.onSort} />
        <tbody>
          {items.map((item, at) => {
            const row = rows?.[item.index]
            return (
              <RowWithGap
                key={row ? rowId(row) : item.index}
                px={item.start - (at > 0 ? (items[at - 1]?.end ?? 0) : 0)}
              >
                <TableRow
                  columns={columns}
                  row={row}
                  index={item.index}
                  open={row !== undefined && rowId(row) === openId}
                  cursorColumn={cursor?.row === item.index ? cursor.column : undefined}
                  of={props.of}
                  onOpen={props.onOpen}
                  link={props.link}
                />
              </RowWithGap>
            )
          })}
          <Gap px={virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
        {totals && <TableFoot columns={columns} totals={totals.rows} firstRowIndex={count + 2} />}
      </table>
      <Suspense>
        <CopyOverlay region={region} />
      </Suspense>
    </div>
  )
}

function RowWithGap({ px, children }: { px: number; children: ReactNode }) {
  return (
    <>
      <Gap px={px} />
      {children}
    </>
  )
}

/** The room of the rows that are not drawn. */
function Gap({ px }: { px: number }) {
  if (px <= 0) return null
  return (
    <tr aria-hidden="true">
      <td style={{ height: px, padding: 0 }} />
    </tr>
  )
}
