import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'
import type { NewApiKey } from './types'

export function apiKeysQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'api-keys'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/api-keys', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

/** What a key may be allowed here. */
export function apiScopesQuery(tenant: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'api-scopes'],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/t/{tenant}/api-scopes', { params: { path: { tenant } }, signal })),
    staleTime: STALE_MS.deployment,
  })
}

export function createApiKey(tenant: string, body: NewApiKey) {
  return unwrap(client.POST('/v1/t/{tenant}/api-keys', { params: { path: { tenant } }, body }))
}

export function revokeApiKey(tenant: string, key: string) {
  return unwrap(
    client.DELETE('/v1/t/{tenant}/api-keys/{key}', { params: { path: { tenant, key } } }),
  )
}
