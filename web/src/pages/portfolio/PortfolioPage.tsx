import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { portfolioQuery } from '../../api/dashboard'
import type { Portfolio } from '../../api/types'
import { STALE_MS } from '../../api/freshness'
import { useFundBook } from '../../app/useFundRoom'
import { useMembership } from '../../app/useSession'
import { BareSelect } from '../../ui/Field'
import { useFormat } from '../../ui/format/useFormat'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { ByInvestor } from '../dashboard/ByInvestor'
import { ByVintage } from '../dashboard/ByVintage'
import { Figures } from '../dashboard/Figures'
import { OverTime } from '../dashboard/OverTime'
import { AsOfInput } from '../funds/AsOfInput'
import { NothingReported } from './NothingReported'

const route = getRouteApi('/_console/t/$slug/portfolio')

/** All funds of one currency on a day. Amounts of two currencies are never added. */
export function PortfolioPage() {
  const { t } = useTranslation('dashboard')
  const { slug } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(portfolioQuery(slug, search))
  const { role } = useMembership(slug)
  useFundBook(slug)
  const all = query.data
  const of =
    query.isPlaceholderData || !all ? undefined : `${slug} ${all.currency} ${search.as_of}`

  return (
    <div
      aria-busy={query.isPlaceholderData}
      className={`flex min-h-full flex-1 flex-col ${query.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}`}
    >
      <PageHeader
        title={t('title')}
        note={
          <StaleBadge
            readAt={query.dataUpdatedAt}
            staleMs={STALE_MS.positions}
            failed={query.isRefetchError}
            onRefresh={() => void query.refetch()}
          />
        }
      >
        <AsOfInput
          asOf={search.as_of}
          onChange={(as_of) => void navigate({ search: (now) => ({ ...now, as_of }) })}
        />
        <CurrencyChoice
          all={all}
          onChoose={(currency) => void navigate({ search: (now) => ({ ...now, currency }) })}
        />
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {!query.isLoadingError && <About all={all} />}
      {all?.allocations === 0 && <NothingReported slug={slug} asOf={search.as_of} />}
      {!query.isLoadingError && all?.allocations !== 0 && (
        <>
          <Figures positions={all?.positions} previous={all?.previous} of={of} />
          <div className="grid shrink-0 border-b border-line min-[1400px]:grid-cols-2">
            <OverTime history={all?.history} currency={all?.currency ?? ''} />
            <div className="min-w-0 border-t border-line min-[1400px]:border-t-0 min-[1400px]:border-l">
              <ByVintage vintages={all?.by_vintage} />
            </div>
          </div>
          {(role !== 'investor' || (all?.investors ?? 0) > 1) && (
            <ByInvestor
              shares={all?.by_investor}
              others={all?.others}
              whole={all?.positions}
              of={of}
            />
          )}
        </>
      )}
    </div>
  )
}

/** How much there is, and up to when. */
function About({ all }: { all: Portfolio | undefined }) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const said = all && [
    t('about.funds', { count: all.funds, shown: format.count(all.funds) }),
    t('about.investors', { count: all.investors, shown: format.count(all.investors) }),
    t('about.allocations', { count: all.allocations, shown: format.count(all.allocations) }),
    all.currency,
    all.reported_as_of && t('about.reported', { date: all.reported_as_of }),
    all.previous && t('about.since', { date: all.previous.as_of }),
  ]
  return (
    <p className="-mt-3 shrink-0 px-5 pb-4 text-sm text-soft">
      {said?.filter(Boolean).join(' · ') ?? <span className="skeleton my-1 h-3 w-96" />}
    </p>
  )
}

interface CurrencyChoiceProps {
  all: Portfolio | undefined
  onChoose: (currency: string) => void
}

function CurrencyChoice({ all, onChoose }: CurrencyChoiceProps) {
  const { t } = useTranslation('dashboard')
  if (!all || all.currencies.length < 2) return null
  return (
    <BareSelect
      aria-label={t('currency')}
      value={all.currency}
      onChange={({ target }) => onChoose(target.value)}
      className="h-8"
    >
      {all.currencies.map((currency) => (
        <option key={currency}>{currency}</option>
      ))}
    </BareSelect>
  )
}
