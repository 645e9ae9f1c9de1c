import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'

import { rowsOf, type Page } from '../../api/paging'

/** How many rows before the end of what is here the next page is asked for. */
const AHEAD = 100

type Pages<P> = UseInfiniteQueryResult<InfiniteData<P>, Error>

/** The rows of a keyset list, and the way to more of them as someone scrolls. */
export function useTablePages<Row, P extends Page<Row>>(query: Pages<P>, id: (row: Row) => string) {
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const rows = useMemo(() => (data ? rowsOf<Row>(data.pages, id) : undefined), [data, id])
  const loaded = rows?.length ?? 0

  const onSeen = useCallback(
    (lastIndex: number) => {
      const wanted = lastIndex >= loaded - AHEAD
      // After a failure only the reader's own act tries again; scrolling must not hammer.
      if (wanted && hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
    },
    [loaded, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage],
  )

  /** All rows, for a CSV of everything that matches. */
  const readAll = useCallback(async (): Promise<Row[]> => {
    let result = await fetchNextPageIf(hasNextPage, query)
    while (result.hasNextPage && !result.isError) result = await result.fetchNextPage()
    if (result.isError) throw result.error
    return rowsOf<Row>(result.data?.pages, id)
  }, [hasNextPage, query, id])

  return { rows, onSeen, readAll }
}

async function fetchNextPageIf<P>(hasNextPage: boolean, query: Pages<P>): Promise<Pages<P>> {
  return hasNextPage ? query.fetchNextPage() : query
}
