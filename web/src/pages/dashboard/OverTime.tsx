import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { Dated } from '../../api/types'
import { ChartFrame } from '../../ui/chart/ChartFrame'
import { LineChart, type Line } from '../../ui/chart/LineChart'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { positionColumns, type AmountField } from '../funds/positionColumns'
import { storyOf } from './history'

interface OverTimeProps {
  /** Undefined while it is being read. */
  history: readonly Dated[] | undefined
  currency: string
}

/** The drawn figures, each in the colour that it has in every chart. */
const LINES: readonly { id: AmountField; tone: number; dashed?: boolean }[] = [
  { id: 'value', tone: 0 },
  { id: 'distributed', tone: 1 },
  { id: 'called', tone: 2 },
  { id: 'committed', tone: 3, dashed: true },
]

/** How the figures came to be what they are. */
export function OverTime({ history, currency }: OverTimeProps) {
  const { t } = useTranslation('dashboard')
  const sentence = useSentence(history, currency)
  return (
    <ChartFrame
      title={t('overTime.title')}
      sentence={sentence}
      chart={history && (history.length > 0 ? <Chart history={history} /> : null)}
      table={<HistoryTable history={history} />}
    />
  )
}

function useSentence(history: readonly Dated[] | undefined, currency: string) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  if (!history) return undefined
  const story = storyOf(history)
  if (!story) return t('overTime.none')
  const money = (amount: string) => `${format.compact(amount)} ${currency}`
  return t(`overTime.${story.kind}`, {
    ...story,
    called: money(story.called),
    distributed: money(story.distributed),
    value: money(story.value),
    peak: money(story.peak),
  })
}

function Chart({ history }: { history: readonly Dated[] }) {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  const lines = LINES.map(
    (line): Line => ({
      ...line,
      name: fundWords(`column.${line.id}`),
      figures: history.map(({ positions }) => positions[line.id].amount),
    }),
  )
  return (
    <LineChart
      label={t('overTime.label')}
      dates={history.map(({ as_of }) => as_of)}
      lines={lines}
      short={format.compact}
      full={format.compact}
    />
  )
}

const dateOf = (state: Dated) => state.as_of

function HistoryTable({ history }: { history: readonly Dated[] | undefined }) {
  const { t } = useTranslation('dashboard')
  const { t: fundWords } = useTranslation('funds')
  const format = useFormat()
  // The newest first: that is what one looks for in a table.
  const rows = useMemo(() => history?.toReversed(), [history])
  const columns = useMemo((): Column<Dated>[] => {
    const { amount, tvpi } = positionColumns<Dated>(fundWords, format, (state) => state.positions, {
      amountWidth: 16.5,
    })
    const date = { id: 'date', header: t('overTime.date'), width: 13, text: dateOf }
    return [
      date,
      amount('committed'),
      amount('called'),
      amount('distributed'),
      amount('value'),
      tvpi,
    ]
  }, [t, fundWords, format])
  return (
    <DataTable
      label={t('overTime.title')}
      columns={columns}
      rows={rows}
      count={rows?.length ?? 0}
      rowId={dateOf}
    />
  )
}
