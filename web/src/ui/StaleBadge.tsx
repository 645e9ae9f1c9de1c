import { useTranslation } from 'react-i18next'

import { useFormat } from './format/useFormat'
import { Icon } from './icons'
import { useNow } from './useNow'

interface StaleBadgeProps {
  /** When the data was read, in ms since the epoch; 0 while there is none. */
  readAt: number
  /** How old it may be. */
  staleMs: number
  /** Whoever changes it tells us: it is as new as it can be, however long ago it was read. */
  live?: boolean | undefined
  /** The last try to read it again failed. */
  failed: boolean
  onRefresh: () => void
}

/** How old a page is, once that is older than it should be; pressing it reads the page again. */
export function StaleBadge({ readAt, staleMs, live, failed, onRefresh }: StaleBadgeProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow(5_000)
  const isOld = !live && readAt > 0 && now - readAt > staleMs
  if (!failed && !isOld) return null
  const age = format.age(new Date(readAt).toISOString(), now)
  return (
    <button
      type="button"
      onClick={onRefresh}
      title={t('stale.refresh')}
      className={`inline-flex h-6 items-center gap-1 rounded px-1.5 text-xs ${failed ? 'bg-warn-soft text-warn' : 'bg-sunken text-soft hover:text-text'}`}
    >
      <Icon name={failed ? 'warning' : 'clock'} className="size-3.5" />
      {failed ? t('stale.failed', { age }) : t('stale.old', { age })}
    </button>
  )
}
