import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, type ReactNode } from 'react'

import { fundQuery } from '../../api/funds'
import type { Allocation } from '../../api/types'
import { ProblemView } from '../../ui/ProblemView'
import { AllocationTable } from './AllocationTable'

const route = getRouteApi('/_console/t/$slug/funds/$fund')

/** What an outside person holds of a fund; each allocation leads to its reports. */
export function OwnAllocations({ slug, fund }: { slug: string; fund: string }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(fundQuery(slug, fund, search.as_of))
  const open = useCallback(
    ({ id }: Allocation) =>
      void navigate({ search: (now) => ({ ...now, allocation: id }), resetScroll: false }),
    [navigate],
  )
  const link = useCallback(
    ({ id }: Allocation, name: ReactNode) => (
      <Link
        to="/t/$slug/funds/$fund"
        params={{ slug, fund }}
        search={{ as_of: search.as_of, allocation: id }}
        resetScroll={false}
        className="hover:underline"
      >
        {name}
      </Link>
    ),
    [slug, fund, search.as_of],
  )
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex min-h-80 flex-1 flex-col">
      <AllocationTable
        slug={slug}
        id={fund}
        as_of={search.as_of}
        fund={query.data}
        openId={search.allocation}
        onOpen={open}
        link={link}
        own
      />
    </div>
  )
}
