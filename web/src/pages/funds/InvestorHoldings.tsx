import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, useCallback, useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { fundAllocationsQuery, fundQuery } from '../../api/funds'
import type { Allocation } from '../../api/types'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { positionColumns } from './positionColumns'

const AllocationReports = lazy(() => import('./AllocationReports'))

interface InvestorHoldingsProps {
  slug: string
  fund: string
  investor: string
  onChoose: (allocation: string) => void
  /** The only one was deleted from here. */
  onDeleted: () => void
}

const route = getRouteApi('/_console/t/$slug/funds/$fund')
const idOf = (allocation: Allocation) => allocation.id

/** The allocations of one investor to one fund; if there is one only, at once its reports. */
export function InvestorHoldings(props: InvestorHoldingsProps) {
  const { slug, fund, investor, onChoose, onDeleted } = props
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const { as_of } = route.useSearch()
  const query = useInfiniteQuery(fundAllocationsQuery(slug, fund, { as_of, investor }))
  const { rows: own, onSeen } = useTablePages(query, idOf)
  const fundName = useQuery(fundQuery(slug, fund, as_of)).data?.name
  const columns = useHoldingColumns()
  const open = useCallback(({ id }: Allocation) => onChoose(id), [onChoose])
  const link = useCallback(
    ({ id }: Allocation, name: ReactNode) => (
      <button type="button" className="hover:underline" onClick={() => onChoose(id)}>
        {name}
      </button>
    ),
    [onChoose],
  )
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  const [first, second] = own ?? []
  if (first && !second) {
    return <AllocationReports slug={slug} allocation={first.id} onDeleted={onDeleted} />
  }
  const count = own?.length ?? 0
  return (
    <div className="flex h-full flex-col">
      <div className="px-5 py-4">
        <h2 className="text-lg font-semibold tracking-tight">
          {first?.investor.name ?? <span className="skeleton my-1.5 h-4 w-48" />}
        </h2>
        <p className="text-sm text-soft">
          {own &&
            (count === 0
              ? t('allocation.missing')
              : fundName &&
                !query.hasNextPage &&
                t('allocation.count', { count, shown: format.count(count), fund: fundName }))}
        </p>
      </div>
      <DataTable
        label={t('allocation.all')}
        columns={columns}
        rows={own}
        count={count}
        rowId={idOf}
        onSeen={onSeen}
        onOpen={open}
        link={link}
      />
    </div>
  )
}

function useHoldingColumns(): Column<Allocation>[] {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  return useMemo(() => {
    const { amount, tvpi } = positionColumns<Allocation>(
      fundWords,
      format,
      (allocation) => allocation.positions,
      { amountWidth: 14 },
    )
    const reported = {
      id: 'reported',
      header: t('field.as_of'),
      width: 13,
      text: (allocation: Allocation) => allocation.as_of ?? '–',
    }
    return [reported, amount('committed'), amount('value'), tvpi]
  }, [t, fundWords, format])
}
