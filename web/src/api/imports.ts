import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { applyFundEvent } from './fundEvents'
import { cursorAfter, PAGE_SIZE } from './paging'
import { renew } from './renew'
import type { Import, ImportProgress, Severity } from './types'

export function importsQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'imports'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/imports', {
          params: { path: { tenant }, query: { limit: PAGE_SIZE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.imports,
  })
}

export function importQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'import', id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/imports/{import}', {
          params: { path: { tenant, import: id } },
          signal,
        }),
      ),
    staleTime: STALE_MS.imports,
  })
}

export function findingsQuery(tenant: string, id: string, severity: Severity | undefined) {
  return infiniteQueryOptions({
    queryKey: ['t', tenant, 'import', id, 'findings', severity ?? null],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/imports/{import}/findings', {
          params: {
            path: { tenant, import: id },
            query: { severity, limit: PAGE_SIZE, cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: cursorAfter,
    staleTime: STALE_MS.findings,
  })
}

const base = (tenant: string, id: string) => `/v1/t/${encodeURIComponent(tenant)}/imports/${id}`

export const findingsCsvUrl = (tenant: string, id: string) => `${base(tenant, id)}/findings.csv`

export const isOver = (state: Import['state']) => state === 'done' || state === 'failed'

/** An event is a full picture of what moves; the rest of the import stays as it was read. */
export function withProgress(known: Import, progress: ImportProgress): Import {
  // A late event must not bring a finished import back to life.
  if (isOver(known.state) && !isOver(progress.state)) return known
  return {
    ...known,
    state: progress.state,
    rows: progress.rows,
    bytes_read: progress.bytes_read,
    bytes: progress.bytes,
    error: progress.error ?? known.error,
  }
}

/** What an import that has ended makes stale. */
export function importEnded(queryClient: QueryClient, tenant: string, id: string): void {
  applyFundEvent(queryClient, tenant, { kind: 'funds.imported', data: null })
  renew(queryClient, ['t', tenant, 'imports'])
  renew(queryClient, ['t', tenant, 'import', id])
}
