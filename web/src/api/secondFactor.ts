import { queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'

export const secondFactorQuery = queryOptions({
  queryKey: ['second-factor'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/second-factor', { signal })),
  staleTime: STALE_MS.session,
})

export function beginSecondFactor(password: string) {
  return unwrap(client.POST('/v1/second-factor', { body: { password } }))
}

export function confirmSecondFactor(code: string) {
  return unwrap(client.POST('/v1/second-factor/confirm', { body: { code } }))
}

/** Whether a tenant's staff must have shown a second factor. */
export function secondFactorPolicyQuery(tenant: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'second-factor-policy'],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/second-factor-policy', { params: { path: { tenant } }, signal }),
      ),
    staleTime: STALE_MS.members,
  })
}

export function requireSecondFactor(tenant: string, required: boolean) {
  return unwrap(
    client.PUT('/v1/t/{tenant}/second-factor-policy', {
      params: { path: { tenant } },
      body: { required },
    }),
  )
}

/** A password and a code: what the server asks for before it weakens a sign-in. */
export interface Proof {
  password: string
  code: string
}

export function renewRecoveryCodes(body: Proof) {
  return unwrap(client.POST('/v1/second-factor/recovery-codes', { body }))
}

export function disableSecondFactor(body: Proof) {
  return unwrap(client.POST('/v1/second-factor/disable', { body }))
}
