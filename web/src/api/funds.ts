import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'
import { keepWithin } from './placeholder'
import type { paths } from './schema'

type FundsQuery = NonNullable<paths['/v1/t/{tenant}/funds']['get']['parameters']['query']>
export type FundSort = NonNullable<FundsQuery['sort']>

export interface FundFilter {
  q?: string | undefined
  vintage?: number | undefined
  sort?: FundSort | undefined
  as_of?: string | undefined
}

export function fundsQuery(tenant: string, filter: FundFilter) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'funds', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds', {
          params: { path: { tenant }, query: { ...filter, limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.positions,
    // While a new search or order is on its way, the rows that are there stay there.
    placeholderData: keepWithin(tenant),
  })
}

export function fundQuery(tenant: string, fund: string, as_of?: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'fund', fund, as_of ?? null],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds/{fund}', {
          params: { path: { tenant, fund }, query: { as_of } },
          signal,
        }),
      ),
    staleTime: STALE_MS.positions,
  })
}

/** Who invests in a fund, or one investor's allocations to it, a page at a time. */
export function fundAllocationsQuery(
  tenant: string,
  fund: string,
  filter: { as_of?: string | undefined; investor?: string | undefined },
) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'fund', fund, 'allocations', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds/{fund}/allocations', {
          params: {
            path: { tenant, fund },
            query: { ...filter, limit: PAGE_SIZE, cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.positions,
    placeholderData: keepWithin(tenant, 'fund', fund, 'allocations'),
  })
}

/** The first funds whose name begins with `prefix`, for the command palette. */
export function fundPrefixQuery(tenant: string, prefix: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'funds', 'prefix', prefix],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds', {
          params: { path: { tenant }, query: { q: prefix, limit: 8 } },
          signal,
        }),
      ),
    staleTime: STALE_MS.positions,
    placeholderData: keepWithin(tenant),
  })
}
