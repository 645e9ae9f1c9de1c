import { streamClosed, streamLate, streamOpened } from './liveness'

export interface StreamHandlers {
  /** Called with the parsed payload of each event of a wanted kind. */
  onEvent: (kind: string, payload: unknown) => void
  /** The server cannot tell what was missed: read the resource again. */
  onResync: () => void
  /** Whether the stream is later than it should be. */
  onLate: (late: boolean) => void
}

/** A stream that has not come back by then is late. */
const LATE_MS = 3_000
const RECONNECT_MS = 2_000

/**
 * Follow a server-sent event stream until the returned function is called.
 *
 * EventSource reconnects by itself after a broken connection and says where it stopped
 * (`Last-Event-ID`), but gives up for good after an HTTP error such as 503; then we begin anew.
 */
export function followEvents(url: string, kinds: readonly string[], to: StreamHandlers) {
  let source: EventSource
  let lateTimer: ReturnType<typeof setTimeout> | undefined
  let reconnectTimer: ReturnType<typeof setTimeout> | undefined
  let late = false

  const setLate = (now: boolean) => {
    if (now === late) return
    late = now
    streamLate(now)
    to.onLate(now)
  }
  const open = () => {
    source = new EventSource(url)
    source.addEventListener('open', () => {
      clearTimeout(lateTimer)
      lateTimer = undefined
      setLate(false)
    })
    source.addEventListener('error', () => {
      lateTimer ??= setTimeout(() => setLate(true), LATE_MS)
      if (source.readyState === EventSource.CLOSED) reconnectTimer = setTimeout(open, RECONNECT_MS)
    })
    source.addEventListener('resync', to.onResync)
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => to.onEvent(kind, JSON.parse(event.data)))
    }
  }

  streamOpened()
  open()
  return () => {
    clearTimeout(lateTimer)
    clearTimeout(reconnectTimer)
    source.close()
    streamClosed(late)
  }
}
