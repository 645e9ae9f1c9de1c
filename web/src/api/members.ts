import { infiniteQueryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'
import type { Role } from './types'

export function membersQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'members'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/members', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

export function changeRole(tenant: string, user: string, role: Role) {
  return unwrap(
    client.PATCH('/v1/t/{tenant}/members/{user}', {
      params: { path: { tenant, user } },
      body: { role },
    }),
  )
}

export function removeMember(tenant: string, user: string) {
  return unwrap(
    client.DELETE('/v1/t/{tenant}/members/{user}', { params: { path: { tenant, user } } }),
  )
}
