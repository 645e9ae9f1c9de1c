import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { VintageShare } from '../../api/types'
import { ChartFrame } from '../../ui/chart/ChartFrame'
import { ColumnChart } from '../../ui/chart/ColumnChart'
import { compareDecimals, signOf } from '../../ui/format/decimal'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { positionColumns } from '../funds/positionColumns'

interface ByVintageProps {
  /** Undefined while they are being read. */
  vintages: readonly VintageShare[] | undefined
}

/** What each vintage gave back and is worth, held against what was called for it. */
export function ByVintage({ vintages }: ByVintageProps) {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  const sentence = useSentence(vintages)
  const nameOf = (share: VintageShare) => share.vintage?.toString() ?? t('byVintage.unknown')
  const chart = vintages && vintages.length > 0 && (
    <ColumnChart
      label={t('byVintage.label')}
      columns={vintages.map((share) => ({
        id: nameOf(share),
        name: nameOf(share),
        stack: [share.positions.distributed.amount, share.positions.value.amount],
        mark: share.positions.called.amount,
      }))}
      names={[
        fundWords('column.distributed'),
        fundWords('column.value'),
        fundWords('column.called'),
      ]}
      short={format.compact}
      full={format.compact}
      start={Math.max(0, vintages.findLastIndex(({ vintage }) => vintage !== null))}
    />
  )
  return (
    <ChartFrame
      title={t('byVintage.title')}
      sentence={sentence}
      chart={vintages && (chart || null)}
      table={<VintageTable vintages={vintages} nameOf={nameOf} />}
    />
  )
}

function useSentence(vintages: readonly VintageShare[] | undefined) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  if (!vintages) return undefined
  const called = vintages.filter(({ positions }) => positions.tvpi !== null)
  const byMultiple = called.toSorted((a, b) =>
    compareDecimals(a.positions.tvpi ?? '', b.positions.tvpi ?? ''),
  )
  const best = byMultiple.at(-1)
  if (!best) return t('byVintage.nothing')
  const gains = called.filter(({ positions }) => isAboveOne(positions.tvpi ?? '0'))
  return t('byVintage.sentence', {
    count: called.length,
    gain: gains.length,
    best: best.vintage?.toString() ?? t('byVintage.unknown'),
    tvpi: format.multiple(best.positions.tvpi),
  })
}

const isAboveOne = (multiple: string) => compareDecimals(multiple, '1') > 0 && signOf(multiple) > 0

interface VintageTableProps extends ByVintageProps {
  nameOf: (share: VintageShare) => string
}

function VintageTable({ vintages, nameOf }: VintageTableProps) {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  const columns = useMemo((): Column<VintageShare>[] => {
    const { amount, tvpi } = positionColumns<VintageShare>(
      fundWords,
      format,
      (share) => share.positions,
      { amountWidth: 16.5 },
    )
    const funds: Column<VintageShare> = {
      id: 'funds',
      header: t('byVintage.funds'),
      width: 8,
      align: 'right',
      text: (share) => share.funds.toString(),
      cell: (share) => format.count(share.funds),
    }
    return [
      { id: 'vintage', header: t('byVintage.vintage'), width: 11, text: nameOf },
      funds,
      amount('called'),
      amount('distributed'),
      amount('value'),
      tvpi,
    ]
  }, [t, fundWords, format, nameOf])
  return (
    <DataTable
      label={t('byVintage.title')}
      columns={columns}
      rows={vintages}
      count={vintages?.length ?? 0}
      rowId={nameOf}
    />
  )
}
