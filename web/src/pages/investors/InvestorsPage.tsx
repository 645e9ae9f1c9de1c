import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { STALE_MS } from '../../api/freshness'
import { investorsQuery } from '../../api/investors'
import type { InvestorRow, Positions } from '../../api/types'
import { useFundBook } from '../../app/useFundRoom'
import { Badge } from '../../ui/Badge'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { StaleBadge } from '../../ui/StaleBadge'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { useTablePages } from '../../ui/table/useTablePages'
import { AsOfInput } from '../funds/AsOfInput'
import { positionColumns, positionTotals } from '../funds/positionColumns'

const DeleteDialog = lazy(() => import('../deleted/DeleteDialog'))
const NewInvestor = lazy(() => import('../entry/NewInvestor'))

const route = getRouteApi('/_console/t/$slug/investors')
const idOf = (investor: InvestorRow) => investor.id
const keyOf = (line: InvestorLine) => line.key

/** An investor's figures in one currency; amounts of two are never added. */
interface InvestorLine {
  key: string
  name: string
  investor: InvestorRow
  /** Said once, on the first line. */
  allocations: number | null
  positions: Positions | null
}

function linesOf(investor: InvestorRow): InvestorLine[] {
  const { id, name, allocations } = investor
  if (investor.totals.length === 0) return [{ key: id, name, investor, allocations, positions: null }]
  return investor.totals.map((positions, at) => ({
    key: `${id} ${positions.committed.currency}`,
    name,
    investor,
    allocations: at === 0 ? allocations : null,
    positions,
  }))
}

export function InvestorsPage() {
  const { t } = useTranslation('investors')
  const format = useFormat()
  const { slug } = route.useParams()
  const { as_of } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(investorsQuery(slug, as_of))
  const { rows, onSeen } = useTablePages(query, idOf)
  useFundBook(slug)
  const [creating, setCreating] = useState(false)
  const lines = useMemo(() => rows?.flatMap(linesOf), [rows])
  const [deleting, setDeleting] = useState<InvestorRow>()
  const columns = useInvestorColumns(setDeleting)
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
        <Button onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('new')}
        </Button>
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {first?.count === 0 && <EmptyState title={t('empty.title')}>{t('empty.next')}</EmptyState>}
      {first?.count !== 0 && !query.isLoadingError && (
        <DataTable
          label={t('title')}
          columns={columns}
          rows={lines}
          count={(first?.count ?? 0) + (lines?.length ?? 0) - (rows?.length ?? 0)}
          rowId={keyOf}
          totals={{ rows: totals }}
          onSeen={onSeen}
          of={query.data && `${slug} ${as_of}`}
        />
      )}
      <Suspense>
        {creating && <NewInvestor slug={slug} onClose={() => setCreating(false)} />}
        {deleting && (
          <DeleteDialog
            slug={slug}
            thing={{ kind: 'investor', id: deleting.id, name: deleting.name }}
            readTag={async (again) => {
              const read = again ? (await query.refetch()).data : undefined
              const rowsNow = read?.pages.flatMap(({ items }) => items)
              const now = rowsNow?.find(({ id }) => id === deleting.id) ?? deleting
              return `"${now.version}"`
            }}
            onDone={() => setDeleting(undefined)}
            onClose={() => setDeleting(undefined)}
          />
        )}
      </Suspense>
    </>
  )
}

function useInvestorColumns(onDelete: (investor: InvestorRow) => void): Column<InvestorLine>[] {
  const { t } = useTranslation(['investors', 'funds'])
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  return useMemo(() => {
    const { amount, calledShare, tvpi } = positionColumns<InvestorLine>(
      fundWords,
      format,
      (line) => line.positions,
      { amountWidth: 16.5 },
    )
    return [
      {
        id: 'name',
        header: t('column.name'),
        width: 24,
        text: (line) => line.name,
      },
      {
        id: 'allocations',
        header: t('column.allocations'),
        width: 14,
        align: 'right',
        text: (line) => line.allocations?.toString() ?? '',
        cell: (line) => (line.allocations === null ? null : format.count(line.allocations)),
      },
      {
        id: 'currency',
        header: fundWords('column.currency'),
        width: 7,
        text: (line) => line.positions?.committed.currency ?? '',
      },
      amount('committed'),
      amount('called'),
      calledShare,
      amount('unfunded'),
      amount('distributed'),
      amount('value'),
      tvpi,
      actColumn(t('column.act'), 12, ({ investor, name, allocations }) =>
        // Once for each investor, on the first line.
        allocations === null ? null : (
          <RowAction label={t('deleteOne', { name })} danger onClick={() => onDelete(investor)}>
            {t('delete')}
          </RowAction>
        ),
      ),
    ]
  }, [t, fundWords, format, onDelete])
}
