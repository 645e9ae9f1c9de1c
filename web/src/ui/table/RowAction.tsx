import type { ReactNode } from 'react'

import type { Column } from './column'

interface RowActionProps {
  /** What it does to which row, for who does not see the row beside it. */
  label?: string
  /** Something goes by it. */
  danger?: boolean
  disabled?: boolean
  onClick: () => void
  children: ReactNode
}

/** What can be done with a row, at its end. */
export function RowAction({ label, danger, disabled, onClick, children }: RowActionProps) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
      className={`h-6 rounded px-1.5 text-sm hover:underline last:-mr-1.5 disabled:opacity-60 ${danger ? 'text-bad' : 'text-accent'}`}
    >
      {children}
    </button>
  )
}

/** The column of them: nothing that a copy or a CSV would say. */
export const actColumn = <Row,>(
  header: string,
  width: number,
  cell: (row: Row) => ReactNode,
): Column<Row> => ({ id: 'act', header, width, align: 'right', text: () => '', cell })
