import { useQueryClient } from '@tanstack/react-query'

import { noteEvent } from '../api/activity'
import { applyFundEvent } from '../api/fundEvents'
import type { LiveEvent, RoomState } from '../api/live'
import { renew } from '../api/renew'
import { useRoom } from './useRoom'

/** Stay with the whole fund book: funds that come, names that change, files that arrive. */
export function useFundBook(slug: string): RoomState | undefined {
  const queryClient = useQueryClient()
  return useRoom(slug, 'funds', {
    onEvent: (event) => applyFundEvent(queryClient, slug, event),
    onResync: () => applyFundEvent(queryClient, slug, { kind: 'funds.imported', data: null }),
  })
}

/** Stay with one fund: its figures are read again and what happened is kept for the list of it. */
export function useFundRoom(slug: string, fund: string): RoomState | undefined {
  const queryClient = useQueryClient()
  const onEvent = (event: LiveEvent) => {
    noteEvent(slug, fund, event)
    applyFundEvent(queryClient, slug, event)
  }
  return useRoom(slug, `fund/${fund}`, {
    onEvent,
    onResync: () => renew(queryClient, ['t', slug, 'fund', fund]),
    // Who may no longer see it is told by the next read.
    onClosed: () => renew(queryClient, ['t', slug, 'fund', fund]),
  })
}
