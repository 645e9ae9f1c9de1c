import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { isOver, importsQuery } from '../../api/imports'
import type { Import } from '../../api/types'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { ImportStateBadge } from './ImportStateBadge'

const idOf = (one: Import) => one.id
const POLL_MS = 5_000

interface ImportListProps {
  slug: string
  onChoose: () => void
}

export function ImportList({ slug, onChoose }: ImportListProps) {
  const { t } = useTranslation('imports')
  const navigate = useNavigate()
  const query = useInfiniteQuery({
    ...importsQuery(slug),
    // The list has no stream of its own; it looks again while something in it moves.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((one) => !isOver(one.state)))
        ? POLL_MS
        : false,
  })
  const { rows, onSeen } = useTablePages(query, idOf)
  const columns = useImportColumns()
  const open = useCallback(
    (one: Import) =>
      void navigate({ to: '/t/$slug/imports/$import', params: { slug, import: one.id } }),
    [navigate, slug],
  )
  const link = useCallback(
    (one: Import, name: ReactNode) => (
      <Link
        to="/t/$slug/imports/$import"
        params={{ slug, import: one.id }}
        className="hover:underline"
      >
        {name}
      </Link>
    ),
    [slug],
  )

  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  if (rows?.length === 0) {
    return (
      <EmptyState
        title={t('empty.title')}
        action={<Button onClick={onChoose}>{t('choose')}</Button>}
      >
        {t('empty.next')}
      </EmptyState>
    )
  }
  return (
    <DataTable
      label={t('title')}
      columns={columns}
      rows={rows}
      count={rows?.length ?? 0}
      rowId={idOf}
      onSeen={onSeen}
      onOpen={open}
      link={link}
    />
  )
}

function useImportColumns(): Column<Import>[] {
  const { t } = useTranslation('imports')
  const format = useFormat()
  return useMemo(() => {
    const rows = (id: keyof Import['rows']): Column<Import> => ({
      id,
      header: t(`rows.${id}`),
      width: 12,
      align: 'right',
      text: (one) => one.rows[id].toString(),
      cell: (one) => format.count(one.rows[id]),
    })
    return [
      { id: 'filename', header: t('column.filename'), width: 28, text: (one) => one.filename },
      {
        id: 'state',
        header: t('column.state'),
        width: 13,
        text: (one) => one.state,
        cell: (one) => <ImportStateBadge state={one.state} />,
      },
      rows('read'),
      rows('applied'),
      rows('unchanged'),
      rows('refused'),
      rows('warnings'),
      {
        id: 'bytes',
        header: t('column.bytes'),
        width: 11,
        align: 'right',
        text: (one) => one.bytes.toString(),
        cell: (one) => format.bytes(one.bytes),
      },
      {
        id: 'created_by',
        header: t('column.createdBy'),
        width: 20,
        text: (one) => one.created_by,
      },
      {
        id: 'created_at',
        header: t('column.createdAt'),
        width: 26,
        align: 'right',
        text: (one) => one.created_at,
        cell: (one) => format.instant(one.created_at),
      },
    ]
  }, [t, format])
}
