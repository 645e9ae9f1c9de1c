import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { STALE_MS } from '../../api/freshness'
import { moduleListQuery } from '../../api/modulePages'
import { renew } from '../../api/renew'
import type { ModulePage as Entry } from '../../api/types'
import { useRoom } from '../../app/useRoom'
import { Badge } from '../../ui/Badge'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { moduleColumns, rowId } from './moduleColumns'

const CreateForm = lazy(() => import('./CreateForm'))

interface ModulePageProps {
  slug: string
  entry: Entry
}

/** A list that a module describes: shown, live, and with its form if it has one. */
export function ModulePage({ slug, entry }: ModulePageProps) {
  const { t } = useTranslation('pages')
  const format = useFormat()
  const queryClient = useQueryClient()
  const list = moduleListQuery(slug, entry)
  const query = useInfiniteQuery(list)
  const { rows, onSeen } = useTablePages(query, rowId)
  const again = () => renew(queryClient, list.queryKey)
  const room = useRoom(slug, entry.room, { onEvent: again, onResync: again })
  const [creating, setCreating] = useState(false)
  const columns = useMemo(() => moduleColumns(entry.columns, format), [entry.columns, format])
  const create = (entry.create?.length ?? 0) > 0 && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <Icon name="plus" />
      {t('create')}
    </Button>
  )
  const shown = rows && format.count(rows.length)
  return (
    <>
      <PageHeader
        title={entry.title}
        note={
          <>
            <Badge>{shown === undefined ? '…' : query.hasNextPage ? `${shown}+` : shown}</Badge>
            <StaleBadge
              readAt={query.dataUpdatedAt}
              staleMs={STALE_MS.members}
              live={room === 'joined'}
              failed={query.isRefetchError}
              onRefresh={() => void query.refetch()}
            />
          </>
        }
      >
        {create}
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {rows?.length === 0 && <EmptyState title={t('empty.title')}>{t('empty.next')}</EmptyState>}
      {rows?.length !== 0 && !query.isLoadingError && (
        <DataTable
          label={entry.title}
          columns={columns}
          rows={rows}
          count={rows?.length ?? 0}
          rowId={rowId}
          onSeen={onSeen}
          of={entry.path}
        />
      )}
      <Suspense>
        {creating && <CreateForm slug={slug} entry={entry} onClose={() => setCreating(false)} />}
      </Suspense>
    </>
  )
}
