import { infiniteQueryOptions } from '@tanstack/react-query'

import { client, tagged, unwrap } from './client'
import { STALE_MS } from './freshness'
import { onceMore } from './once'
import { cursorAfter, PAGE_SIZE } from './paging'
import type { DeletedThing } from './types'

/** What can be deleted and restored. */
export type ThingKind = DeletedThing['kind']

export interface Thing {
  kind: ThingKind
  id: string
}

export function deletedQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'deleted'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds/deleted', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

/** Delete a thing on the condition that it is still what `etag` stands for. */
export async function deleteThing(tenant: string, { kind, id }: Thing, etag: string): Promise<void> {
  const header = { 'If-Match': etag }
  if (kind === 'fund') {
    const path = { tenant, fund: id }
    await tagged(client.DELETE('/v1/t/{tenant}/funds/{fund}', { params: { path, header } }))
  } else if (kind === 'investor') {
    const path = { tenant, investor: id }
    await tagged(client.DELETE('/v1/t/{tenant}/investors/{investor}', { params: { path, header } }))
  } else {
    const path = { tenant, allocation: id }
    await tagged(
      client.DELETE('/v1/t/{tenant}/allocations/{allocation}', { params: { path, header } }),
    )
  }
}

/** Bring a thing back; the same key is the same request. */
export async function restoreThing(tenant: string, { kind, id }: Thing, key: string): Promise<void> {
  const header = { 'Idempotency-Key': key }
  await onceMore<unknown>(() => {
    if (kind === 'fund') {
      const path = { tenant, fund: id }
      return unwrap(client.POST('/v1/t/{tenant}/funds/{fund}/restore', { params: { path, header } }))
    }
    if (kind === 'investor') {
      const path = { tenant, investor: id }
      return unwrap(
        client.POST('/v1/t/{tenant}/investors/{investor}/restore', { params: { path, header } }),
      )
    }
    const path = { tenant, allocation: id }
    return unwrap(
      client.POST('/v1/t/{tenant}/allocations/{allocation}/restore', { params: { path, header } }),
    )
  })
}
