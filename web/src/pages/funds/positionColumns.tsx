import type { TFunction } from 'i18next'

import type { Money, Positions } from '../../api/types'
import type { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { calledPerMille, CalledShare } from './CalledShare'

type Format = ReturnType<typeof useFormat>
export type AmountField = 'committed' | 'called' | 'unfunded' | 'distributed' | 'value'
type Words = TFunction<'funds'>

/** The columns of a set of positions, the same in every table that shows some. */
export function positionColumns<Row>(
  t: Words,
  format: Format,
  positionsOf: (row: Row) => Positions | null,
  { sortable = false, amountWidth = 16.5 } = {},
) {
  const sort = (key: string) => (sortable ? { sort: key } : {})
  const amount = (id: AmountField): Column<Row> => ({
    id,
    header: t(`column.${id}`),
    width: amountWidth,
    align: 'right',
    ...sort(id),
    text: (row) => positionsOf(row)?.[id].amount ?? '',
    cell: (row) => <Amount money={positionsOf(row)?.[id]} format={format} />,
    title: (row) => {
      const money = positionsOf(row)?.[id]
      return money ? amountTitle(money, format) : ''
    },
  })
  const calledShare: Column<Row> = {
    id: 'calledShare',
    header: t('column.calledShare'),
    width: 15,
    align: 'right',
    text: (row) => {
      const positions = positionsOf(row)
      return positions ? percentText(calledPerMille(positions)) : ''
    },
    cell: (row) => {
      const positions = positionsOf(row)
      return positions ? <CalledShare positions={positions} /> : null
    },
  }
  const tvpi: Column<Row> = {
    id: 'tvpi',
    header: t('column.tvpi'),
    width: 9,
    align: 'right',
    ...sort('tvpi'),
    text: (row) => positionsOf(row)?.tvpi ?? '',
    cell: (row) => format.multiple(positionsOf(row)?.tvpi ?? null),
    title: () => t('basis.tvpi'),
  }
  return { amount, calledShare, tvpi }
}

function Amount({ money, format }: { money: Money | undefined; format: Format }) {
  return money ? format.amount(money.amount) : null
}

/** Exact to the last digit, and short enough to be said aloud. */
export const amountTitle = (money: Money, format: Format) =>
  `${format.exact(money)} · ${format.compact(money.amount)}`

/** Thousandths as a plain decimal percentage, for a CSV. */
function percentText(perMille: number | null): string {
  return perMille === null ? '' : (perMille / 10).toFixed(1)
}

const AMOUNTS: readonly AmountField[] = ['committed', 'called', 'unfunded', 'distributed', 'value']

/** The cells of a totals row, by the id of the column they stand under. */
export function positionTotals(positions: Positions, format: Format) {
  const amounts = AMOUNTS.map((id) => [
    id,
    <span key={id} title={amountTitle(positions[id], format)}>
      {format.amount(positions[id].amount)}
    </span>,
  ])
  return {
    ...Object.fromEntries(amounts),
    currency: positions.committed.currency,
    calledShare: <CalledShare positions={positions} />,
    tvpi: format.multiple(positions.tvpi),
  }
}
