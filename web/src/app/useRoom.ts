import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'

import type { RoomHandlers, RoomState } from '../api/live'
import { liveOf } from '../api/liveOf'

/** Follow a room while the component is there; without a room it follows nothing. */
export function useRoom(
  slug: string,
  room: string | undefined,
  handlers: RoomHandlers,
): RoomState | undefined {
  const live = liveOf(slug, useQueryClient())
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  useEffect(() => {
    if (room === undefined) return
    return live.join(room, {
      onEvent: (event) => latest.current.onEvent(event),
      onResync: () => latest.current.onResync(),
      onClosed: (code) => latest.current.onClosed?.(code),
    })
  }, [live, room])
  return useSyncExternalStore(live.subscribe, () => room && live.stateOf(room)) as
    | RoomState
    | undefined
}
