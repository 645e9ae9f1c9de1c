import { useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { InvestorShare, Others, Positions } from '../../api/types'
import { Bar } from '../../ui/Bar'
import { perMille } from '../../ui/format/decimal'
import { useFormat } from '../../ui/format/useFormat'
import type { Column, TotalsRow } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { HeldRows } from '../../ui/table/HeldRows'
import { useSteadyRows } from '../../ui/table/useSteadyRows'
import { positionColumns, positionTotals } from '../funds/positionColumns'

interface ByInvestorProps {
  shares: readonly InvestorShare[] | undefined
  others: Others | null | undefined
  /** Of all investors together. */
  whole: Positions | undefined
  /** The question that the rows answer. */
  of: string | undefined
  openId?: string | undefined
  onOpen?: ((share: InvestorShare) => void) | undefined
  link?: ((share: InvestorShare, name: ReactNode) => ReactNode) | undefined
  tools?: ReactNode
}

const idOf = (share: InvestorShare) => share.investor.id

/** Who holds it, each with the share of the commitments; the largest hundred, the rest together. */
export function ByInvestor(props: ByInvestorProps) {
  const { shares, others, whole, of, openId, onOpen, link, tools } = props
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const { rows, ...held } = useSteadyRows(shares, idOf, of)
  const columns = useShareColumns(whole)
  const investors = (shares?.length ?? 0) + (others?.investors ?? 0)
  const totals = useMemo((): TotalsRow[] | undefined => {
    if (!whole) return undefined
    const all: TotalsRow = {
      key: 'all',
      label: t('byInvestor.all', { count: investors, shown: format.count(investors) }),
      cells: positionTotals(whole, format),
    }
    if (!others) return [all]
    const rest: TotalsRow = {
      key: 'others',
      label: t('byInvestor.others', {
        count: others.investors,
        shown: format.count(others.investors),
      }),
      cells: {
        ...positionTotals(others.positions, format),
        allocations: format.count(others.allocations),
      },
    }
    return [rest, all]
  }, [whole, others, investors, t, format])

  return (
    <div className="flex min-h-80 flex-1 flex-col">
      <div className="flex min-h-11 items-center gap-3 px-5 pt-3 pb-2">
        <h2 className="text-sm font-semibold">{t('byInvestor.title')}</h2>
        <HeldRows {...held} />
        <div className="ml-auto flex items-center gap-2">{tools}</div>
      </div>
      <DataTable
        label={t('byInvestor.title')}
        columns={columns}
        rows={rows}
        count={rows?.length ?? 0}
        rowId={idOf}
        totals={{ rows: totals }}
        of={of}
        openId={openId}
        {...(onOpen ? { onOpen } : {})}
        {...(link ? { link } : {})}
      />
    </div>
  )
}

function useShareColumns(whole: Positions | undefined): Column<InvestorShare>[] {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  const committed = whole?.committed.amount ?? '0'
  return useMemo(() => {
    const { amount, calledShare, tvpi } = positionColumns<InvestorShare>(
      fundWords,
      format,
      (share) => share.positions,
    )
    const shareOf = (share: InvestorShare) => perMille(share.positions.committed.amount, committed)
    return [
      {
        id: 'investor',
        header: fundWords('column.investor'),
        width: 24,
        text: (share) => share.investor.name,
      },
      {
        id: 'allocations',
        header: t('byInvestor.allocations'),
        width: 8,
        align: 'right',
        text: (share) => share.allocations.toString(),
        cell: (share) => format.count(share.allocations),
      },
      amount('committed'),
      {
        id: 'share',
        header: fundWords('column.share'),
        width: 18,
        align: 'right',
        text: (share) => format.perMille(shareOf(share)),
        cell: (share) => (
          <span className="flex items-center justify-end gap-2">
            <Bar perMille={shareOf(share)} className="w-16" />
            <span className="w-[7.5ch] text-right">{format.perMille(shareOf(share))}</span>
          </span>
        ),
      },
      amount('called'),
      calledShare,
      amount('unfunded'),
      amount('distributed'),
      amount('value'),
      tvpi,
    ]
  }, [t, fundWords, format, committed])
}
