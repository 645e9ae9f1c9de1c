import { memo, type ReactNode } from 'react'

import { Changing } from '../Changing'
import type { Column } from './column'

export interface RowProps<Row> {
  columns: readonly Column<Row>[]
  /** Undefined: known to exist, not read yet. */
  row: Row | undefined
  index: number
  /** Its details are open beside the table. */
  open: boolean
  /** The column that the keys stand on, when they stand on this row. */
  cursorColumn: number | undefined
  onOpen?: ((row: Row) => void) | undefined
  /** The question that the rows answer; while it stays the same, a cell that changes is marked. */
  of?: string | undefined
  /** Wraps the first cell of a row that can be opened. */
  link?: ((row: Row, children: ReactNode) => ReactNode) | undefined
}

function PlainTableRow<Row>(props: RowProps<Row>) {
  const { columns, row, index, open, cursorColumn, onOpen } = props
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- the link in the row has the keys
    <tr
      aria-rowindex={index + 2}
      data-index={index}
      data-open={open || undefined}
      tabIndex={-1}
      onClick={(event) => {
        if (row && onOpen && isPlainClick(event.target)) onOpen(row)
      }}
      className={`group -outline-offset-2 ${onOpen ? 'cursor-default' : ''}`}
    >
      {columns.map((column, at) => (
        <Cell key={column.id} {...props} column={column} at={at} marked={cursorColumn === at} />
      ))}
    </tr>
  )
}

/** A click that means the row: not one on a control in it, nor the end of a selection of text. */
function isPlainClick(target: EventTarget): boolean {
  if (target instanceof Element && target.closest('a, button, select, input')) return false
  return !window.getSelection()?.toString()
}

interface CellProps<Row> extends RowProps<Row> {
  column: Column<Row>
  at: number
  marked: boolean
}

function Cell<Row>({ column, row, at, marked, link, of }: CellProps<Row>) {
  const first = at === 0
  const Tag = first ? 'th' : 'td'
  const className =
    'h-8 border-b border-line bg-surface p-0 text-sm font-normal group-hover:bg-hover last:pr-3 ' +
    'group-data-open:bg-selected ' +
    (column.align === 'right' ? 'text-right ' : 'text-left ') +
    (marked ? 'shadow-[inset_0_0_0_1.5px_var(--accent)] ' : '') +
    (first ? 'sticky left-0 z-[5]' : '')
  const inset = `block truncate ${first ? 'pl-5 pr-2' : 'px-2'}`
  if (!row) {
    return (
      <Tag scope={first ? 'row' : undefined} className={className}>
        <span className={inset}>
          <span className={`skeleton h-2.5 ${column.align ? 'ml-auto w-3/5' : 'w-2/3'}`} />
        </span>
      </Tag>
    )
  }
  const content = column.cell ? column.cell(row) : column.text(row)
  return (
    <Tag
      scope={first ? 'row' : undefined}
      data-copy={column.text(row)}
      title={column.title?.(row)}
      className={className}
    >
      <Changing text={column.text(row)} of={of} className={inset}>
        {first && link ? link(row, content) : content}
      </Changing>
    </Tag>
  )
}

/** Scrolling renders the table anew; a row that is the same is not drawn again. */
export const TableRow = memo(PlainTableRow) as typeof PlainTableRow
