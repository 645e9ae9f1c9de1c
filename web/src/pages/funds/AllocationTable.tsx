import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { fundAllocationsQuery } from '../../api/funds'
import type { Allocation, Fund } from '../../api/types'
import { Bar } from '../../ui/Bar'
import { perMille } from '../../ui/format/decimal'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { positionColumns, positionTotals } from './positionColumns'

interface AllocationTableProps {
  slug: string
  id: string
  as_of: string | undefined
  /** Undefined while it is being read. */
  fund: Fund | undefined
  narrow?: boolean | undefined
  /** They all belong to the reader. */
  own?: boolean
  openId?: string | undefined
  onOpen?: (allocation: Allocation) => void
  link?: (allocation: Allocation, name: ReactNode) => ReactNode
}

const idOf = (allocation: Allocation) => allocation.id

/** Who holds the fund, each with the share of its commitments; more of them as someone scrolls. */
export function AllocationTable(props: AllocationTableProps) {
  const { slug, id, as_of, fund, narrow, own, ...open } = props
  const { t } = useTranslation('funds')
  const format = useFormat()
  const query = useInfiniteQuery(fundAllocationsQuery(slug, id, { as_of }))
  const { rows, onSeen } = useTablePages(query, idOf)
  const columns = useAllocationColumns(fund, narrow, own)
  const title = own ? t('own') : t('byInvestor')
  const totals = fund && [
    {
      key: 'all',
      label: t(own ? 'ownAllocations' : 'allAllocations', {
        count: fund.allocations,
        shown: format.count(fund.allocations),
      }),
      cells: positionTotals(fund.positions, format),
    },
  ]
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <>
      <h2 className="px-5 pt-5 pb-2 text-sm font-semibold">{title}</h2>
      <DataTable
        label={title}
        columns={columns}
        rows={rows}
        // A row that came since the fund was counted must not be cut off.
        count={Math.max(fund?.allocations ?? 0, rows?.length ?? 0)}
        rowId={idOf}
        totals={{ rows: totals }}
        onSeen={onSeen}
        of={query.isPlaceholderData || !query.data ? undefined : `${id} ${as_of}`}
        outdated={query.isPlaceholderData}
        {...open}
      />
    </>
  )
}

function useAllocationColumns(fund: Fund | undefined, narrow?: boolean, own?: boolean) {
  const { t } = useTranslation('funds')
  const format = useFormat()
  return useMemo((): Column<Allocation>[] => {
    const { amount, calledShare, tvpi } = positionColumns<Allocation>(
      t,
      format,
      (allocation) => allocation.positions,
    )
    const whole = fund?.positions.committed.amount ?? '0'
    const shareOf = (allocation: Allocation) =>
      perMille(allocation.positions.committed.amount, whole)
    const investor: Column<Allocation> = {
      id: 'investor',
      header: t('column.investor'),
      width: narrow ? 18 : 24,
      text: (allocation) => allocation.investor.name,
    }
    const share: Column<Allocation> = {
      id: 'share',
      header: t('column.share'),
      width: 15,
      align: 'right',
      text: (allocation) => format.perMille(shareOf(allocation)),
      cell: (allocation) => (
        <span className="flex items-center justify-end gap-2">
          <Bar perMille={shareOf(allocation)} className="w-10" />
          <span className="w-[7.5ch] text-right">{format.perMille(shareOf(allocation))}</span>
        </span>
      ),
    }
    if (narrow) return [investor, amount('committed'), share, tvpi]
    const reported: Column<Allocation> = {
      id: 'reported',
      header: t('column.reported'),
      width: 13,
      align: 'right',
      text: (allocation) => allocation.as_of ?? '',
    }
    const shares = own ? [] : [share]
    const figures = [amount('called'), calledShare, amount('unfunded')]
    return [investor, amount('committed'), ...shares, ...figures, amount('distributed'), amount('value'), tvpi, reported]
  }, [t, format, fund, narrow, own])
}
