import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { investorsQuery } from '../../api/investors'
import { rowsOf } from '../../api/paging'
import type { InvestorRow } from '../../api/types'

const idOf = (investor: InvestorRow) => investor.id

/** Every investor of the tenant, page by page, for a choice among them. */
export function useAllInvestors(slug: string): InvestorRow[] {
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = useInfiniteQuery(
    investorsQuery(slug),
  )
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  return rowsOf<InvestorRow>(data?.pages, idOf)
}
