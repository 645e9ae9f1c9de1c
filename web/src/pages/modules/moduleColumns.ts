import type { ModuleRow } from '../../api/modulePages'
import type { ModuleField } from '../../api/types'
import type { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'

type Format = Pick<ReturnType<typeof useFormat>, 'exact' | 'instant' | 'number'>

interface Money {
  amount: string
  currency: string
}

const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value

/** Which room a kind of field takes, in digits. */
const WIDTH = { text: 30, number: 14, money: 20, date: 13, instant: 24 } as const

/** The exact value, for a copy and a CSV. */
function textOf({ field }: ModuleField, row: ModuleRow): string {
  const value = row[field]
  if (value === null || value === undefined) return ''
  if (isMoney(value)) return value.amount
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function shownOf(column: ModuleField, row: ModuleRow, format: Format): string {
  const value = row[column.field]
  const text = textOf(column, row)
  if (text === '') return '–'
  if (isMoney(value)) return format.exact(value)
  if (column.kind === 'instant') return format.instant(text)
  return column.kind === 'number' ? format.number(text) : text
}

/** The columns that a module asks for, each shown as its kind is shown everywhere. */
export function moduleColumns(
  fields: readonly ModuleField[],
  format: Format,
): Column<ModuleRow>[] {
  return fields.map((field) => {
    const isFigure = field.kind === 'number' || field.kind === 'money'
    return {
      id: field.field,
      header: field.title,
      width: WIDTH[field.kind] ?? WIDTH.text,
      ...(isFigure ? { align: 'right' as const } : {}),
      text: (row) => textOf(field, row),
      cell: (row) => shownOf(field, row, format),
      title: (row) => shownOf(field, row, format),
    }
  })
}

/** What tells a row apart: its id, or all of it. */
export const rowId = (row: ModuleRow): string =>
  typeof row.id === 'string' ? row.id : JSON.stringify(row)
