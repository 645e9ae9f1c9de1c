import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { Dated, Positions } from '../../api/types'
import { Bar } from '../../ui/Bar'
import { Changing } from '../../ui/Changing'
import { useFormat } from '../../ui/format/useFormat'
import { calledPerMille } from '../funds/CalledShare'
import { amountTitle, type AmountField } from '../funds/positionColumns'
import { Movement } from './Movement'

interface FiguresProps {
  positions: Positions | undefined
  /** The state before, which the figures are held against. */
  previous?: Dated | null | undefined
  /** Whose figures they are and of what day; a change of them is marked. */
  of: string | undefined
  narrow?: boolean | undefined
}

/** The six figures that matter, in one grid without boxes. */
export function Figures({ positions, previous, of, narrow }: FiguresProps) {
  const { t } = useTranslation('funds')
  const format = useFormat()
  const before = previous ?? undefined
  const amount = (id: AmountField, note?: ReactNode) => (
    <Figure
      name={t(`column.${id}`)}
      text={positions && format.amount(positions[id].amount)}
      title={positions && amountTitle(positions[id], format)}
      of={of}
      note={note}
      movement={
        positions &&
        before && (
          <Movement
            now={positions[id].amount}
            before={before.positions[id].amount}
            since={before.as_of}
          />
        )
      }
    />
  )
  const share = positions ? calledPerMille(positions) : null
  return (
    <dl
      className={`grid shrink-0 gap-px border-y border-line bg-line ${narrow ? 'grid-cols-2' : 'grid-cols-2 lg:grid-cols-3 xl:grid-cols-6'}`}
    >
      {amount('committed')}
      {amount(
        'called',
        positions && (
          <span className="flex items-center gap-2">
            <Bar perMille={share} className="w-16" />
            {format.perMille(share)}
          </span>
        ),
      )}
      {amount('unfunded')}
      {amount('distributed', positions && `${t('dpi')} ${format.multiple(positions.dpi)}`)}
      {amount('value', positions && `${t('rvpi')} ${format.multiple(positions.rvpi)}`)}
      <Figure
        name={t('column.tvpi')}
        text={positions && format.multiple(positions.tvpi)}
        title={t('basis.tvpi')}
        of={of}
        note={positions && <span className="truncate">{t('basis.tvpi')}</span>}
        movement={
          positions &&
          before && (
            <Movement
              now={positions.tvpi}
              before={before.positions.tvpi}
              since={before.as_of}
              as="multiple"
            />
          )
        }
      />
    </dl>
  )
}

interface FigureProps {
  name: string
  /** Undefined while it is being read. */
  text: string | undefined
  title: string | undefined
  of: string | undefined
  movement: ReactNode
  note: ReactNode
}

function Figure({ name, text, title, of, movement, note }: FigureProps) {
  return (
    <div className="flex min-h-24 min-w-0 flex-col bg-surface px-5 py-3">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="figures text-lg font-semibold" title={title}>
        {text === undefined ? (
          <span className="skeleton my-1.5 h-3.5 w-32" />
        ) : (
          <Changing text={text} of={of} className="-mx-1 px-1" />
        )}
      </dd>
      {movement && <dd className="figures text-xs text-soft">{movement}</dd>}
      {note && <dd className="figures flex min-w-0 text-xs text-soft">{note}</dd>}
    </div>
  )
}
