import { infiniteQueryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'

export function investorsQuery(tenant: string, as_of?: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'investors', as_of ?? null],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/investors', {
          params: { path: { tenant }, query: { as_of, limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.positions,
  })
}
