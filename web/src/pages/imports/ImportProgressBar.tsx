import { useTranslation } from 'react-i18next'

import { isOver } from '../../api/imports'
import type { Import } from '../../api/types'
import { useFormat } from '../../ui/format/useFormat'
import type { Pace } from './pace'

interface ImportProgressBarProps {
  shown: Import | undefined
  pace: Pace | undefined
}

/** How far it is, how fast it goes, how long it takes. It keeps its room when it is over. */
export function ImportProgressBar({ shown, pace }: ImportProgressBarProps) {
  const { t } = useTranslation('imports')
  const format = useFormat()
  const share = shown && shown.bytes > 0 ? Math.min(1, shown.bytes_read / shown.bytes) : 0
  const failed = shown?.state === 'failed'
  const text = shown ? `${format.bytes(shown.bytes_read)} / ${format.bytes(shown.bytes)}` : ''
  return (
    <div className="px-5 pb-4">
      <div
        role="progressbar"
        aria-label={t('progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={text}
        className="h-1.5 overflow-hidden rounded-full bg-track"
      >
        <div
          className={`h-full origin-left rounded-full transition-transform duration-150 ${failed ? 'bg-bad-fill' : 'bg-accent-fill'}`}
          style={{ transform: `scaleX(${share})` }}
        />
      </div>
      <p className="figures mt-1.5 flex h-5 gap-4 text-sm text-soft">
        <span>{text}</span>
        <PaceText shown={shown} pace={pace} />
      </p>
    </div>
  )
}

function PaceText({ shown, pace }: ImportProgressBarProps) {
  const { t } = useTranslation('imports')
  const format = useFormat()
  if (!shown) return null
  if (isOver(shown.state)) {
    const { started_at, finished_at } = shown
    if (!started_at || !finished_at) return null
    const seconds = (Date.parse(finished_at) - Date.parse(started_at)) / 1000
    return <span>{t('took', { duration: format.duration(Math.max(1, seconds)) })}</span>
  }
  if (shown.state === 'queued') return <span>{t('waiting')}</span>
  return (
    <>
      {pace && (
        <span>
          {t('pace', { count: pace.rowsPerSecond, shown: format.count(pace.rowsPerSecond) })}
        </span>
      )}
      {pace?.secondsLeft !== undefined && (
        <span>{t('left', { duration: format.duration(pace.secondsLeft) })}</span>
      )}
    </>
  )
}
