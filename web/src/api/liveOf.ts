import type { QueryClient } from '@tanstack/react-query'

import { createLive, type Live } from './live'
import { sessionQuery } from './session'

/** A tab that nobody has looked at for so long lets go of its connection. */
const HIDDEN_MS = 5 * 60_000

const lives = new Map<string, Live>()

/** The one connection of this tab to a tenant. */
export function liveOf(tenant: string, queryClient: QueryClient): Live {
  const known = lives.get(tenant)
  if (known) return known
  const live = createLive({
    connect: () => new WebSocket(liveUrl(tenant)),
    // If the session has ended, this read says so and leads to the door.
    onDoubt: () => void queryClient.invalidateQueries(sessionQuery),
    random: Math.random,
  })
  lives.set(tenant, live)
  return live
}

function liveUrl(tenant: string): string {
  const { protocol, host } = window.location
  const scheme = protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${host}/v1/t/${encodeURIComponent(tenant)}/live`
}

let hiddenTimer: ReturnType<typeof setTimeout> | undefined
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer)
  if (document.hidden) {
    hiddenTimer = setTimeout(() => {
      for (const live of lives.values()) live.pause()
    }, HIDDEN_MS)
  } else {
    for (const live of lives.values()) live.resume()
  }
})
window.addEventListener('online', () => {
  if (!document.hidden) for (const live of lives.values()) live.resume()
})
