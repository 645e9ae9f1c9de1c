import { useTranslation } from 'react-i18next'

import { liveness } from '../../api/liveness'
import { useStore } from '../../store'
import { useFormat } from '../../ui/format/useFormat'
import { useNow } from '../../ui/useNow'

/** Whether what is on the screen can be trusted to be the newest. A shape, a colour and a word. */
export function LiveIndicator() {
  const { t } = useTranslation('frame')
  const format = useFormat()
  const now = useNow(5_000)
  const { reachable, answeredAt, streams, lateStreams } = useStore(liveness)
  const age = format.age(new Date(answeredAt).toISOString(), Math.max(now, answeredAt))

  if (!reachable) return <State dot="rounded-none bg-bad" text={t('live.offline', { age })} />
  if (lateStreams > 0) return <State dot="rounded-none bg-warn" text={t('live.late', { age })} />
  if (streams > 0) return <State dot="rounded-full bg-good" text={t('live.live')} />
  return <State dot="rounded-full border-[1.5px] border-good" text={t('live.connected')} />
}

function State({ dot, text }: { dot: string; text: string }) {
  return (
    <span className="hidden items-center gap-1.5 text-xs text-soft md:flex">
      <span aria-hidden="true" className={`size-2 ${dot}`} />
      {text}
    </span>
  )
}
