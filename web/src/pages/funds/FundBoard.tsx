import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { Dashboard, InvestorShare, Role } from '../../api/types'
import { mayEnter } from '../../app/access'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { Activity } from '../dashboard/Activity'
import { ByInvestor } from '../dashboard/ByInvestor'
import { OverTime } from '../dashboard/OverTime'
import { OwnAllocations } from './OwnAllocations'

interface FundBoardProps {
  slug: string
  fund: string
  role: Role
  /** Undefined while it is being read. */
  board: Dashboard | undefined
  /** The question that the figures answer. */
  of: string | undefined
  onEnter: () => void
}

const route = getRouteApi('/_console/t/$slug/funds/$fund')

/** Below the figures: how they came to be, what happens now, and who holds the fund. */
export function FundBoard({ slug, fund, role, board, of, onEnter }: FundBoardProps) {
  if (board?.allocations === 0) {
    return <NoAllocations onEnter={mayEnter(role) ? onEnter : undefined} />
  }
  return (
    <>
      <div className="grid shrink-0 border-b border-line lg:grid-cols-[minmax(0,1fr)_18rem]">
        <OverTime history={board?.history} currency={board?.fund.currency ?? ''} />
        <div className="relative border-t border-line lg:border-t-0 lg:border-l">
          <div className="flex max-h-72 flex-col lg:absolute lg:inset-0 lg:max-h-none">
            <Activity slug={slug} fund={fund} />
          </div>
        </div>
      </div>
      {role === 'investor' ? (
        <OwnAllocations slug={slug} fund={fund} />
      ) : (
        <Investors board={board} of={of} />
      )}
    </>
  )
}

/** Nothing to show: nothing was reported yet, or not by this day. */
function NoAllocations({ onEnter }: { onEnter: (() => void) | undefined }) {
  const { t } = useTranslation('dashboard')
  const { t: entryWords } = useTranslation('entry')
  const { as_of } = route.useSearch()
  const navigate = route.useNavigate()
  if (as_of) {
    const toToday = () => void navigate({ search: {} })
    return (
      <EmptyState
        title={t('overTime.none')}
        action={<Button onClick={toToday}>{t('empty.toToday')}</Button>}
      >
        {t('empty.nextDay')}
      </EmptyState>
    )
  }
  const enter = onEnter && <Button onClick={onEnter}>{entryWords('allocation.new')}</Button>
  return (
    <EmptyState title={t('empty.fund')} action={enter}>
      {t('empty.fundNext')}
    </EmptyState>
  )
}

interface InvestorsProps {
  board: Dashboard | undefined
  of: string | undefined
}

/** Who holds it; each leads to its allocations. */
function Investors({ board, of }: InvestorsProps) {
  const { slug, fund } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const open = useCallback(
    ({ investor }: InvestorShare) =>
      void navigate({
        search: (now) => ({ ...now, investor: investor.id, allocation: undefined }),
        resetScroll: false,
      }),
    [navigate],
  )
  const link = useCallback(
    ({ investor }: InvestorShare, name: ReactNode) => (
      <Link
        to="/t/$slug/funds/$fund"
        params={{ slug, fund }}
        search={{ as_of: search.as_of, investor: investor.id }}
        resetScroll={false}
        className="hover:underline"
      >
        {name}
      </Link>
    ),
    [slug, fund, search.as_of],
  )
  return (
    <ByInvestor
      shares={board?.investors}
      others={board?.others}
      whole={board?.positions}
      of={of}
      openId={search.investor}
      onOpen={open}
      link={link}
    />
  )
}
