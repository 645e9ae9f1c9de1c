import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { STALE_MS } from '../../api/freshness'
import { fundsQuery } from '../../api/funds'
import type { FundRow } from '../../api/types'
import { useFundBook } from '../../app/useFundRoom'
import { Badge } from '../../ui/Badge'
import { Drawer } from '../../ui/Drawer'
import { useFormat } from '../../ui/format/useFormat'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import { DataTable } from '../../ui/table/DataTable'
import { HeldRows } from '../../ui/table/HeldRows'
import { useSteadyRows } from '../../ui/table/useSteadyRows'
import { useTablePages } from '../../ui/table/useTablePages'
import { DEFAULT_SORT, filterOf, type FundsSearch } from './fundsSearch'
import { FundsTools } from './FundsTools'
import { positionTotals } from './positionColumns'
import { useFundColumns } from './useFundColumns'

const FundDrawer = lazy(() => import('./FundDrawer'))
const NoFunds = lazy(() => import('./NoFunds'))
const NewFund = lazy(() => import('../entry/NewFund'))

const route = getRouteApi('/_console/t/$slug/funds/')
const idOf = (fund: FundRow) => fund.id

export function FundsPage() {
  const { t } = useTranslation('funds')
  const format = useFormat()
  const { slug } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(fundsQuery(slug, filterOf(search)))
  const { rows: read, onSeen, readAll } = useTablePages(query, idOf)
  // While another question is on its way, the rows are those of the one before.
  const of = query.isPlaceholderData ? undefined : JSON.stringify([slug, filterOf(search)])
  const { rows, ...held } = useSteadyRows(read, idOf, of)
  useFundBook(slug)
  const [creating, setCreating] = useState(false)
  const columns = useFundColumns()
  const first = query.data?.pages[0]

  const change = useCallback(
    (part: Partial<FundsSearch>, replace = false) =>
      void navigate({ search: (now) => ({ ...now, ...part }), replace, resetScroll: false }),
    [navigate],
  )
  const link = useCallback(
    (fund: FundRow, name: ReactNode) => (
      <Link
        to="/t/$slug/funds"
        params={{ slug }}
        search={{ ...search, open: fund.id }}
        resetScroll={false}
        className="hover:underline"
      >
        {name}
      </Link>
    ),
    [slug, search],
  )
  const openFund = useCallback((fund: FundRow) => change({ open: fund.id }), [change])
  const closeFund = useCallback(() => {
    // Back to the row that the drawer came from.
    document.querySelector<HTMLElement>('tr[data-open] a')?.focus({ preventScroll: true })
    change({ open: undefined })
  }, [change])
  const totals = useMemo(
    () =>
      first?.totals.map((total) => ({
        key: total.committed.currency,
        label: t('totals', { count: first.count, shown: format.count(first.count) }),
        cells: positionTotals(total, format),
      })),
    [first, format, t],
  )

  const isEmpty = first?.count === 0
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <PageHeader
          title={t('title')}
          note={
            <>
              <Badge>{first ? format.count(first.count) : '…'}</Badge>
              <HeldRows {...held} />
              <StaleBadge
                readAt={query.dataUpdatedAt}
                staleMs={STALE_MS.positions}
                failed={query.isRefetchError}
                onRefresh={() => void query.refetch()}
              />
            </>
          }
        >
          <FundsTools
            search={search}
            onChange={change}
            columns={columns}
            readAll={readAll}
            slug={slug}
            onCreate={() => setCreating(true)}
          />
        </PageHeader>
        {query.isLoadingError && (
          <ProblemView error={query.error} onRetry={() => void query.refetch()} />
        )}
        <Suspense>
          {isEmpty && <NoFunds slug={slug} search={search} onChange={change} />}
        </Suspense>
        {!isEmpty && !query.isLoadingError && (
          <DataTable
            label={t('title')}
            columns={columns}
            rows={rows}
            count={(first?.count ?? 0) - held.held}
            rowId={idOf}
            expected={60}
            sort={search.sort ?? DEFAULT_SORT}
            onSort={(sort) => change({ sort: sort as FundsSearch['sort'] })}
            openId={search.open}
            onOpen={openFund}
            link={link}
            totals={{ rows: totals }}
            onSeen={onSeen}
            of={of}
            outdated={query.isPlaceholderData}
          />
        )}
      </div>
      {search.open && (
        <Suspense fallback={<Drawer label={t('details')} onClose={closeFund} />}>
          <FundDrawer slug={slug} fund={search.open} as_of={search.as_of} onClose={closeFund} />
        </Suspense>
      )}
      <Suspense>
        {creating && <NewFund slug={slug} onClose={() => setCreating(false)} />}
      </Suspense>
    </div>
  )
}
