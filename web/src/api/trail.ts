import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'

/** What was done in a tenant, newest first. */
export function trailQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'trail'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/audit-trail', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

/** Whether the chain holds. The server reads all of it for that, so it is asked rarely. */
export function trailProofQuery(tenant: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'trail-proof'],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/audit-trail/proof', { params: { path: { tenant } }, signal }),
      ),
    staleTime: STALE_MS.session,
    refetchOnWindowFocus: false,
  })
}
