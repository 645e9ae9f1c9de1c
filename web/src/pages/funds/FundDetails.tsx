import { useQuery } from '@tanstack/react-query'

import { STALE_MS } from '../../api/freshness'
import { fundQuery } from '../../api/funds'
import { useFundRoom } from '../../app/useFundRoom'
import { isGone } from '../../ui/gone'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { Figures } from '../dashboard/Figures'
import { AllocationTable } from './AllocationTable'
import { FundHeading } from './FundHeading'

interface FundDetailsProps {
  slug: string
  fund: string
  as_of: string | undefined
}

/** One fund beside the list of them: what it is, its six figures, and who holds it. */
export function FundDetails({ slug, fund, as_of }: FundDetailsProps) {
  const query = useQuery(fundQuery(slug, fund, as_of))
  const room = useFundRoom(slug, fund)
  const of = query.data && `${fund} ${as_of}`
  if (query.isLoadingError || isGone(query.error)) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex h-full flex-col overflow-auto">
      <div className="px-5 py-4">
        <FundHeading slug={slug} fund={query.data} narrow>
          <StaleBadge
            readAt={query.dataUpdatedAt}
            staleMs={STALE_MS.positions}
            live={room === 'joined'}
            failed={query.isRefetchError}
            onRefresh={() => void query.refetch()}
          />
        </FundHeading>
      </div>
      <Figures positions={query.data?.positions} of={of} narrow />
      <div className="flex min-h-80 flex-1 flex-col">
        <AllocationTable slug={slug} id={fund} as_of={as_of} fund={query.data} narrow />
      </div>
    </div>
  )
}
