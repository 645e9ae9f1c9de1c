import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { dashboardQuery } from '../../api/dashboard'
import type { Dashboard, Role } from '../../api/types'
import { STALE_MS } from '../../api/freshness'
import { mayAdminister, mayEnter } from '../../app/access'
import { useFundBook, useFundRoom } from '../../app/useFundRoom'
import { useMembership } from '../../app/useSession'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format/useFormat'
import { isGone } from '../../ui/gone'
import { Icon } from '../../ui/icons'
import { usePageTitle } from '../../ui/pageTitle'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { Figures } from '../dashboard/Figures'
import { AsOfInput } from './AsOfInput'
import { FundBoard } from './FundBoard'
import { FundHeading } from './FundHeading'
import { HoldingDrawer } from './HoldingDrawer'

const DeletedFund = lazy(() => import('../deleted/DeletedFund'))
const DeleteFund = lazy(() => import('../deleted/DeleteFund'))
const EditFund = lazy(() => import('../entry/EditFund'))
const NewAllocation = lazy(() => import('../entry/NewAllocation'))

/** What somebody is about to do. */
type Entering = 'fund' | 'allocation' | 'deletion'

const route = getRouteApi('/_console/t/$slug/funds/$fund')

/** One fund on a day: what it is, its six figures, how they came to be, who holds it, what happens. */
export function FundPage() {
  const { slug, fund } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(dashboardQuery(slug, fund, search.as_of))
  const [entering, setEntering] = useState<Entering>()
  const { role } = useMembership(slug)
  const room = useFundRoom(slug, fund)
  useFundBook(slug)
  const board = query.data
  usePageTitle(board?.fund.name)
  const of = query.isPlaceholderData || !board ? undefined : `${fund} ${search.as_of}`
  const close = () => setEntering(undefined)

  if (query.isLoadingError || isGone(query.error)) {
    const retry = () => void query.refetch()
    const problem = <ProblemView error={query.error} onRetry={retry} />
    // Somebody may have deleted it; an outside person is not told what was.
    return mayEnter(role) && isGone(query.error) ? (
      <Suspense>
        <DeletedFund slug={slug} fund={fund} error={query.error} onRetry={retry} />
      </Suspense>
    ) : (
      problem
    )
  }
  return (
    <div className="flex min-h-0 flex-1">
      <div
        aria-busy={query.isPlaceholderData}
        className={`flex min-w-0 flex-1 flex-col overflow-auto ${query.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}`}
      >
        <div className="flex shrink-0 flex-wrap items-end gap-x-6 gap-y-2 px-5 py-4">
          <Heading slug={slug} board={board}>
            <StaleBadge
              readAt={query.dataUpdatedAt}
              staleMs={STALE_MS.positions}
              live={room === 'joined'}
              failed={query.isRefetchError}
              onRefresh={() => void query.refetch()}
            />
          </Heading>
          <div className="ml-auto flex flex-wrap items-center gap-2">
            <AsOfInput
              asOf={search.as_of}
              onChange={(as_of) => void navigate({ search: (now) => ({ ...now, as_of }) })}
            />
            <Tools role={role} ready={board !== undefined} onEnter={setEntering} />
          </div>
        </div>
        <Figures positions={board?.positions} previous={board?.previous} of={of} />
        <FundBoard
          slug={slug}
          fund={fund}
          role={role}
          board={board}
          of={of}
          onEnter={() => setEntering('allocation')}
        />
      </div>
      <HoldingDrawer slug={slug} fund={fund} />
      <Suspense>
        {board && entering === 'fund' && (
          <EditFund slug={slug} fund={board.fund} onClose={close} />
        )}
        {board && entering === 'allocation' && (
          <NewAllocation slug={slug} fund={board.fund} onClose={close} />
        )}
        {board && entering === 'deletion' && (
          <DeleteFund
            slug={slug}
            fund={fund}
            onDone={() => void navigate({ to: '/t/$slug/funds', params: { slug }, search: {} })}
            onClose={close}
          />
        )}
      </Suspense>
    </div>
  )
}

interface HeadingProps {
  slug: string
  board: Dashboard | undefined
  children: ReactNode
}

function Heading({ slug, board, children }: HeadingProps) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const count = board?.allocations ?? 0
  const reported = board?.reported_as_of
  const more = [
    board && t('about.allocations', { count, shown: format.count(count) }),
    reported && t('about.reported', { date: reported }),
    board?.previous && t('about.since', { date: board.previous.as_of }),
  ].filter((text) => typeof text === 'string')
  return (
    <FundHeading slug={slug} fund={board?.fund} more={more}>
      {children}
    </FundHeading>
  )
}

interface ToolsProps {
  role: Role
  ready: boolean
  onEnter: (what: Entering) => void
}

function Tools({ role, ready, onEnter }: ToolsProps) {
  const { t } = useTranslation('entry')
  const { t: words } = useTranslation('dashboard')
  return (
    <>
      {mayEnter(role) && (
        <Button disabled={!ready} onClick={() => onEnter('deletion')}>
          {words('delete')}
        </Button>
      )}
      {mayAdminister(role) && (
        <Button disabled={!ready} onClick={() => onEnter('fund')}>
          {t('fund.edit')}
        </Button>
      )}
      {mayEnter(role) && (
        <Button disabled={!ready} onClick={() => onEnter('allocation')}>
          <Icon name="plus" />
          {t('allocation.new')}
        </Button>
      )}
    </>
  )
}
