import { useSuspenseQuery } from '@tanstack/react-query'
import { notFound } from '@tanstack/react-router'

import { membershipIn, sessionQuery } from '../api/session'

/** The session; inside the console there always is one. */
export function useSession() {
  return useSuspenseQuery(sessionQuery).data
}

export function useMembership(slug: string) {
  const membership = membershipIn(useSession(), slug)
  if (!membership) throw notFound()
  return membership
}
