import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { apiKeysQuery } from '../../api/apiKeys'
import { renew } from '../../api/renew'
import type { ApiKey } from '../../api/types'
import { useRoom } from '../../app/useRoom'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { RevokeKey } from './RevokeKey'
import { useKeyColumns } from './useKeyColumns'

const CreateKey = lazy(() => import('./CreateKey'))
const route = getRouteApi('/_console/t/$slug/keys')
const idOf = (key: ApiKey) => key.id

/** The keys with which programs come in. */
export function KeysPage() {
  const { t } = useTranslation('keys')
  const { slug } = route.useParams()
  const queryClient = useQueryClient()
  const query = useInfiniteQuery(apiKeysQuery(slug))
  const { rows, onSeen } = useTablePages(query, idOf)
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey>()
  const columns = useKeyColumns(setRevoking)
  const again = () => renew(queryClient, apiKeysQuery(slug).queryKey)
  useRoom(slug, 'tenant', { onEvent: again, onResync: again })
  return (
    <>
      <PageHeader title={t('title')}>
        <Button look="primary" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('create.action')}
        </Button>
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {rows?.length === 0 && <EmptyState title={t('empty')}>{t('emptyNext')}</EmptyState>}
      {rows?.length !== 0 && !query.isLoadingError && (
        <DataTable
          label={t('title')}
          columns={columns}
          rows={rows}
          count={rows?.length ?? 0}
          rowId={idOf}
          onSeen={onSeen}
        />
      )}
      <Suspense>
        {creating && <CreateKey slug={slug} onClose={() => setCreating(false)} />}
      </Suspense>
      {revoking && (
        <RevokeKey slug={slug} apiKey={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </>
  )
}
