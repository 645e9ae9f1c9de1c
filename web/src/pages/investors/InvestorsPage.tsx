import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import { STALE_MS } from '../../api/freshness'
import { investorsQuery } from '../../api/investors'
import type { InvestorRow } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { AsOfInput } from '../funds/AsOfInput'
import { positionColumns, positionTotals } from '../funds/positionColumns'

const route = getRouteApi('/_console/t/$slug/investors')
const idOf = (investor: InvestorRow) => investor.id

export function InvestorsPage() {
  const { t } = useTranslation('investors')
  const format = useFormat()
  const { slug } = route.useParams()
  const { as_of } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(investorsQuery(slug, as_of))
  const { rows, onSeen } = useTablePages(query, idOf)
  const columns = useInvestorColumns()
  const first = query.data?.pages[0]
  const totals = first?.totals.map((total) => ({
    key: total.committed.currency,
    label: t('totals', { count: first.count, shown: format.count(first.count) }),
    cells: positionTotals(total, format),
  }))

  return (
    <>
      <PageHeader
        title={t('title')}
        note={
          <>
            <Badge>{first ? format.count(first.count) : '…'}</Badge>
            <StaleBadge
              readAt={query.dataUpdatedAt}
              staleMs={STALE_MS.positions}
              failed={query.isRefetchError}
              onRefresh={() => void query.refetch()}
            />
          </>
        }
      >
        <AsOfInput asOf={as_of} onChange={(next) => void navigate({ search: { as_of: next } })} />
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {first?.count === 0 && <EmptyState title={t('empty.title')}>{t('empty.next')}</EmptyState>}
      {first?.count !== 0 && !query.isLoadingError && (
        <DataTable
          label={t('title')}
          columns={columns}
          rows={rows}
          count={first?.count ?? 0}
          rowId={idOf}
          totals={{ rows: totals }}
          onSeen={onSeen}
        />
      )}
    </>
  )
}

function useInvestorColumns(): Column<InvestorRow>[] {
  const { t } = useTranslation(['investors', 'funds'])
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  return useMemo(() => {
    const { amount, calledShare, tvpi } = positionColumns<InvestorRow>(
      fundWords,
      format,
      (investor) => investor.positions,
      { amountWidth: 19 },
    )
    return [
      {
        id: 'name',
        header: t('column.name'),
        width: 24,
        text: (investor) => investor.name,
      },
      {
        id: 'allocations',
        header: t('column.allocations'),
        width: 12,
        align: 'right',
        text: (investor) => investor.allocations.toString(),
        cell: (investor) => format.count(investor.allocations),
      },
      {
        id: 'currency',
        header: fundWords('column.currency'),
        width: 7,
        text: (investor) => investor.positions.committed.currency,
      },
      amount('committed'),
      amount('called'),
      calledShare,
      amount('unfunded'),
      amount('distributed'),
      amount('value'),
      tvpi,
    ]
  }, [t, fundWords, format])
}
