import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'

import { deletedQuery } from '../../api/deleted'
import { STALE_MS } from '../../api/freshness'
import type { DeletedThing } from '../../api/types'
import { useFundBook } from '../../app/useFundRoom'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../ui/format/useFormat'
import { PageHeader } from '../../ui/PageHeader'
import { StaleBadge } from '../../ui/StaleBadge'
import type { Column } from '../../ui/table/column'
import { PagedTable } from '../../ui/table/PagedTable'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { useRestore } from './useRestore'

const route = getRouteApi('/_console/t/$slug/deleted')
const idOf = (thing: DeletedThing) => `${thing.kind} ${thing.id}`

/** What was deleted and can still be brought back, newest first. */
export function DeletedPage() {
  const { t } = useTranslation('deleted')
  const { slug } = route.useParams()
  const query = useInfiniteQuery(deletedQuery(slug))
  useFundBook(slug)
  const columns = useDeletedColumns(slug)
  return (
    <>
      <PageHeader
        title={t('title')}
        note={
          <StaleBadge
            readAt={query.dataUpdatedAt}
            staleMs={STALE_MS.members}
            failed={query.isRefetchError}
            onRefresh={() => void query.refetch()}
          />
        }
      />
      <PagedTable
        label={t('title')}
        query={query}
        columns={columns}
        rowId={idOf}
        empty={{ title: t('empty.title'), next: t('empty.next') }}
      />
    </>
  )
}

function useDeletedColumns(slug: string): Column<DeletedThing>[] {
  const { t } = useTranslation('deleted')
  const format = useFormat()
  const { mutate, isPending, variables } = useRestore(slug)
  const busy = isPending ? variables.id : undefined
  return useMemo(() => {
    const about = ({ kind, fund_name, allocations = 0 }: DeletedThing) => {
      if (kind === 'fund') return t('with', { count: allocations, shown: format.count(allocations) })
      return fund_name ? t('of', { fund: fund_name }) : ''
    }
    return [
      { id: 'name', header: t('column.name'), width: 30, text: ({ name }) => name },
      { id: 'kind', header: t('column.kind'), width: 12, text: ({ kind }) => t(`kind.${kind}`) },
      { id: 'about', header: t('column.about'), width: 30, text: about },
      {
        id: 'by',
        header: t('column.by'),
        width: 20,
        text: ({ deleted_by }) => deleted_by?.name || t('former'),
      },
      {
        id: 'deleted',
        header: t('column.deleted'),
        width: 26,
        align: 'right',
        text: ({ deleted_at }) => deleted_at,
        cell: ({ deleted_at }) => format.instant(deleted_at),
      },
      {
        id: 'purged',
        header: t('column.purged'),
        width: 26,
        align: 'right',
        text: ({ purged_after }) => purged_after,
        cell: ({ purged_after }) => format.instant(purged_after),
      },
      actColumn(t('column.act'), 14, (thing) => (
        <RowAction
          label={t('restore.one', { name: thing.name })}
          disabled={busy === thing.id}
          onClick={() => mutate(thing)}
        >
          {t('restore.action')}
        </RowAction>
      )),
    ]
  }, [t, format, mutate, busy])
}
