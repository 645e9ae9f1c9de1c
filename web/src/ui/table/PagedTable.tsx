import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'

import type { Page } from '../../api/paging'
import { EmptyState } from '../EmptyState'
import { ProblemView } from '../ProblemView'
import type { Column } from './column'
import { DataTable } from './DataTable'
import { useTablePages } from './useTablePages'

interface PagedTableProps<Row, P extends Page<Row>> {
  label: string
  query: UseInfiniteQueryResult<InfiniteData<P>, Error>
  columns: readonly Column<Row>[]
  rowId: (row: Row) => string
  /** What is said where there is none. */
  empty?: { title: string; next: string }
}

/** A keyset list that has neither order nor totals: more of it as someone scrolls, or why it is not here. */
export function PagedTable<Row, P extends Page<Row>>(props: PagedTableProps<Row, P>) {
  const { label, query, columns, rowId, empty } = props
  const { rows, onSeen } = useTablePages<Row, P>(query, rowId)
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  if (empty && rows?.length === 0) return <EmptyState title={empty.title}>{empty.next}</EmptyState>
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      count={rows?.length ?? 0}
      rowId={rowId}
      onSeen={onSeen}
    />
  )
}
