import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { STALE_MS } from '../../api/freshness'
import { fundQuery } from '../../api/funds'
import type { Fund } from '../../api/types'
import { usePageTitle } from '../../ui/pageTitle'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { AllocationTable } from './AllocationTable'
import { FundFigures } from './FundFigures'

interface FundDetailsProps {
  slug: string
  fund: string
  as_of: string | undefined
  /** In the drawer: the list beside it has the heading of the page. */
  narrow?: boolean
  tools?: ReactNode
}

/** One fund: what it is, its six figures, and who holds it. */
export function FundDetails({ slug, fund, as_of, narrow, tools }: FundDetailsProps) {
  const query = useQuery(fundQuery(slug, fund, as_of))
  usePageTitle(narrow ? undefined : query.data?.name)
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex min-h-full flex-1 flex-col">
      <div className="flex flex-wrap items-start gap-3 px-5 py-4">
        <FundHeading slug={slug} fund={query.data} narrow={narrow} />
        <StaleBadge
          readAt={query.dataUpdatedAt}
          staleMs={STALE_MS.positions}
          failed={query.isRefetchError}
          onRefresh={() => void query.refetch()}
        />
        {tools && <div className="ml-auto">{tools}</div>}
      </div>
      <FundFigures fund={query.data} narrow={narrow} />
      <AllocationTable fund={query.data} narrow={narrow} />
    </div>
  )
}

interface FundHeadingProps {
  slug: string
  fund: Fund | undefined
  narrow: boolean | undefined
}

function FundHeading({ slug, fund, narrow }: FundHeadingProps) {
  const { t } = useTranslation('funds')
  const Heading = narrow ? 'h2' : 'h1'
  const vintage = fund?.vintage && t('vintage', { year: fund.vintage })
  const about = [fund?.manager, fund?.strategy, vintage, fund?.currency].filter(Boolean)
  return (
    <div className="min-w-0">
      {!narrow && (
        <Link to="/t/$slug/funds" params={{ slug }} className="text-sm text-accent hover:underline">
          {t('title')}
        </Link>
      )}
      <Heading className={`font-semibold tracking-tight ${narrow ? 'text-lg' : 'text-xl'}`}>
        {fund?.name ?? <span className="skeleton my-1.5 h-4 w-64" />}
      </Heading>
      <p className="text-sm text-soft">
        {fund ? about.join(' · ') : <span className="skeleton my-1 h-3 w-48" />}
      </p>
    </div>
  )
}
