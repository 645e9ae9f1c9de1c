import { queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import type { Membership, Session, SignIn } from './types'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/session', { signal })),
  staleTime: STALE_MS.session,
})

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sessions', { signal })),
  staleTime: STALE_MS.members,
})

export function signIn(email: string, password: string): Promise<SignIn> {
  return unwrap(client.POST('/v1/session', { body: { email, password, delivery: 'cookie' } }))
}

export function signOutHere() {
  return unwrap(client.DELETE('/v1/session'))
}

export function signOutEverywhere() {
  return unwrap(client.DELETE('/v1/sessions'))
}

export function endSession(session: string) {
  return unwrap(client.DELETE('/v1/sessions/{session}', { params: { path: { session } } }))
}

export function changePassword(current: string, next: string) {
  return unwrap(client.PUT('/v1/password', { body: { current, new: next } }))
}

export function membershipIn(session: Session, slug: string): Membership | undefined {
  return session.memberships.find((membership) => membership.tenant.slug === slug)
}
