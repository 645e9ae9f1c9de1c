import { useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '../Button'
import { CHART_PX } from './plot'

interface ChartFrameProps {
  title: string
  /** What is seen, in one sentence; undefined while it is being read. */
  sentence: string | undefined
  /** Undefined while it is being read. */
  chart: ReactNode | undefined
  /** The same figures, for who would rather read them. */
  table: ReactNode
}

/** A chart with its heading, its sentence, and its figures as a table on demand, all in one place. */
export function ChartFrame({ title, sentence, chart, table }: ChartFrameProps) {
  const { t } = useTranslation()
  const [asTable, setAsTable] = useState(false)
  const heading = useId()
  return (
    <div role="group" aria-labelledby={heading} className="@container flex min-w-0 flex-col px-5 pt-4 pb-3">
      <div className="flex items-baseline gap-3">
        <h2 id={heading} className="text-sm font-semibold">
          {title}
        </h2>
        <Button
          look="ghost"
          className="-my-1 -mr-2 ml-auto h-7 px-2 text-xs"
          aria-pressed={asTable}
          disabled={chart === undefined}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </Button>
      </div>
      <p className="min-h-11 max-w-[72ch] pb-1 text-sm text-soft">
        {sentence ?? <span className="skeleton my-1.5 h-3 w-4/5" />}
      </p>
      <div className="flex flex-col" style={{ height: CHART_PX }}>
        {asTable ? <div className="-mx-5 flex min-h-0 flex-1 flex-col">{table}</div> : chart}
      </div>
    </div>
  )
}
