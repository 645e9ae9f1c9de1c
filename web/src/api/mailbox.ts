import { infiniteQueryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'
import { Problem } from './problem'
import { cursorAfter } from './paging'

const PAGE = 50
/** A mail is kept by a job, a moment after it was written. */
const LOOK_AGAIN_MS = 2_000

/** The mails of a developer's machine, newest first. */
export const mailboxQuery = infiniteQueryOptions({
  queryKey: ['mailbox'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(client.GET('/v1/dev/mail', { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: cursorAfter,
  staleTime: STALE_MS.imports,
  refetchInterval: ({ state: { error } }) =>
    error instanceof Problem && error.status === 404 ? false : LOOK_AGAIN_MS,
})
