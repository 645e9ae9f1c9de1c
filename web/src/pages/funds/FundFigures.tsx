import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { Fund, Money } from '../../api/types'
import { Bar } from '../../ui/Bar'
import { useFormat } from '../../ui/format/useFormat'
import { calledPerMille } from './CalledShare'
import { amountTitle } from './positionColumns'

interface FundFiguresProps {
  fund: Fund | undefined
  narrow: boolean | undefined
}

/** The six figures that matter, in one grid without boxes. */
export function FundFigures({ fund, narrow }: FundFiguresProps) {
  const { t } = useTranslation('funds')
  const format = useFormat()
  const positions = fund?.positions
  const money = (value: Money | undefined) =>
    value && <span title={amountTitle(value, format)}>{format.amount(value.amount)}</span>
  const share = positions ? calledPerMille(positions) : null
  const calledNote = positions && (
    <span className="flex items-center gap-2">
      <Bar perMille={share} className="w-16" />
      {format.perMille(share)}
    </span>
  )
  return (
    <dl
      className={`grid shrink-0 gap-px border-y border-line bg-line ${narrow ? 'grid-cols-2' : 'grid-cols-2 lg:grid-cols-3 xl:grid-cols-6'}`}
    >
      <Figure name={t('column.committed')} value={money(positions?.committed)} />
      <Figure name={t('column.called')} value={money(positions?.called)} note={calledNote} />
      <Figure name={t('column.unfunded')} value={money(positions?.unfunded)} />
      <Figure
        name={t('column.distributed')}
        value={money(positions?.distributed)}
        note={positions && `${t('dpi')} ${format.multiple(positions.dpi)}`}
      />
      <Figure
        name={t('column.value')}
        value={money(positions?.value)}
        note={positions && `${t('rvpi')} ${format.multiple(positions.rvpi)}`}
      />
      <Figure
        name={t('column.tvpi')}
        value={positions && format.multiple(positions.tvpi)}
        note={positions && t('basis.tvpi')}
      />
    </dl>
  )
}

interface FigureProps {
  name: string
  value: ReactNode
  note?: ReactNode
}

function Figure({ name, value, note }: FigureProps) {
  return (
    <div className="flex min-h-20 flex-col bg-surface px-5 py-3">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="figures text-lg font-semibold">
        {value ?? <span className="skeleton my-1.5 h-3.5 w-32" />}
      </dd>
      {note !== undefined && <dd className="figures text-xs text-soft">{note}</dd>}
    </div>
  )
}
