import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { apiKeysQuery } from '../../api/apiKeys'
import { renew } from '../../api/renew'
import type { ApiKey } from '../../api/types'
import { useRoom } from '../../app/useRoom'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { PagedTable } from '../../ui/table/PagedTable'
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
      <PagedTable
        label={t('title')}
        query={query}
        columns={columns}
        rowId={idOf}
        empty={{ title: t('empty'), next: t('emptyNext') }}
      />
      <Suspense>
        {creating && <CreateKey slug={slug} onClose={() => setCreating(false)} />}
      </Suspense>
      {revoking && (
        <RevokeKey slug={slug} apiKey={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </>
  )
}
