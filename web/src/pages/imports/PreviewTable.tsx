import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import type { Recognition, RecognisedColumn } from './recognise'
import type { Sniffed } from './sniff'

interface PreviewRow {
  line: number
  cells: readonly string[]
}

interface PreviewTableProps {
  sniffed: Sniffed
  recognition: Recognition
}

const lineOf = (row: PreviewRow) => row.line.toString()

/** The first rows as the server will read them: what is recognised comes first, under its field. */
export function PreviewTable({ sniffed, recognition }: PreviewTableProps) {
  const { t } = useTranslation('imports')
  const rows = useMemo(
    () => sniffed.rows.map((cells, at): PreviewRow => ({ line: at + 2, cells })),
    [sniffed],
  )
  const columns = useMemo((): Column<PreviewRow>[] => {
    const label = ({ name, field, inMillions }: RecognisedColumn) => {
      if (!field) return name
      return inMillions
        ? t('preview.inMillions', { field: t(`field.${field}`) })
        : t(`field.${field}`)
    }
    const known = recognition.columns
      .map((column, at) => ({ column, at }))
      .filter(({ column }) => column.field)
    const line: Column<PreviewRow> = {
      id: 'line',
      header: t('column.line'),
      width: 10,
      text: lineOf,
    }
    const fields = known.map(
      ({ column, at }): Column<PreviewRow> => ({
        id: String(at),
        header: label(column),
        width: widthOf(column),
        ...(AMOUNTS.has(column.field ?? '') ? { align: 'right' } : {}),
        text: (row) => row.cells[at] ?? '',
        title: (row) => `${column.name}: ${row.cells[at] ?? ''}`,
      }),
    )
    return [line, ...fields]
  }, [recognition, t])

  if (columns.length === 1) return null
  return (
    <>
      <h2 className="px-5 pb-2 text-sm font-semibold">
        {t('preview.rows', { count: rows.length })}
      </h2>
      <DataTable
        label={t('preview.rows', { count: rows.length })}
        columns={columns}
        rows={rows}
        count={rows.length}
        rowId={lineOf}
      />
    </>
  )
}

const AMOUNTS: ReadonlySet<string> = new Set([
  'commitment',
  'called',
  'distributed',
  'value',
  'vintage',
])

function widthOf({ field }: RecognisedColumn): number {
  if (field === 'vintage' || field === 'as_of' || field === 'currency') return 12
  return AMOUNTS.has(field ?? '') ? 22 : 26
}
