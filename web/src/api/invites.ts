import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { cursorAfter, PAGE_SIZE } from './paging'
import type { Role, SignIn } from './types'

export function invitesQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'invites'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/invites', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

export interface InviteInput {
  email: string
  role: Role
  investor?: string | undefined
}

export function createInvite(tenant: string, body: InviteInput) {
  return unwrap(client.POST('/v1/t/{tenant}/invites', { params: { path: { tenant } }, body }))
}

export function revokeInvite(tenant: string, invite: string) {
  return unwrap(
    client.DELETE('/v1/t/{tenant}/invites/{invite}', { params: { path: { tenant, invite } } }),
  )
}

export function inviteLookupQuery(token: string) {
  return queryOptions({
    queryKey: ['invite', token],
    queryFn: ({ signal }) => unwrap(client.POST('/v1/invites/lookup', { body: { token }, signal })),
    staleTime: STALE_MS.session,
    // The token is a secret; it does not stay in memory after the page is left.
    gcTime: 0,
  })
}

export function acceptInvite(token: string, name: string, password: string): Promise<SignIn> {
  return unwrap(client.POST('/v1/invites/accept', { body: { token, name, password } }))
}
