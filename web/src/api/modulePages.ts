import { infiniteQueryOptions } from '@tanstack/react-query'

import { ask } from './client'
import { STALE_MS } from './freshness'
import { onceMore } from './once'
import { cursorAfter, PAGE_SIZE, type Page } from './paging'
import type { ModulePage } from './types'

export type ModuleRow = Readonly<Record<string, unknown>>

/** The pages of a tenant; a server that knows none says nothing of them. */
export const modulePagesOf = (tenant: { pages?: readonly ModulePage[] } | undefined) =>
  tenant?.pages ?? []

/** The address of a page's list: always one under the tenant. */
export function listUrl(tenant: string, { list }: ModulePage): string {
  const base = `/v1/t/${encodeURIComponent(tenant)}/`
  return list.startsWith(base) ? list : base + list.replace(/^\/+/, '')
}

export function moduleListQuery(tenant: string, page: ModulePage) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'page', page.path],
    queryFn: async ({ pageParam, signal }): Promise<Page<ModuleRow>> => {
      const query = new URLSearchParams({ limit: String(PAGE_SIZE) })
      if (pageParam) query.set('cursor', pageParam)
      const url = `${listUrl(tenant, page)}?${query}`
      return ask('GET', url, { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.members,
  })
}

export function createInModule(tenant: string, page: ModulePage, key: string, body: ModuleRow) {
  const headers = { 'Idempotency-Key': key }
  return onceMore(() => ask<ModuleRow>('POST', listUrl(tenant, page), { body, headers }))
}
