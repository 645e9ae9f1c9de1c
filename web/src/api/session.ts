import { queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import type { Challenge, Membership, Session, SignIn } from './types'

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

/** Whether a right password was not enough. */
export const isChallenge = (answer: SignIn): answer is Challenge => 'challenge' in answer

/** Finish a sign-in with a code of the authenticator, or with a recovery code. */
export function answerChallenge(challenge: string, code: string): Promise<Session> {
  return unwrap(client.POST('/v1/session/second-factor', { body: { challenge, code } }))
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

/** Ask for a mail with which a password can be set anew; the answer is the same for every address. */
export function requestReset(email: string) {
  return unwrap(client.POST('/v1/password-resets', { body: { email } }))
}

/** Set a password by the token of such a mail. */
export function completeReset(token: string, next: string) {
  return unwrap(client.POST('/v1/password-resets/complete', { body: { token, new: next } }))
}

export function membershipIn(session: Session, slug: string): Membership | undefined {
  return session.memberships.find((membership) => membership.tenant.slug === slug)
}
