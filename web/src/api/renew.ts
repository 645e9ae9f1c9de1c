import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** However many events come in, a query is read again at most so often. */
const EVERY_MS = 400

const waiting = new Map<string, { again: boolean }>()

/** Read again what an event is about: at once, and once more for all that follows closely. */
export function renew(queryClient: QueryClient, queryKey: QueryKey): void {
  const key = JSON.stringify(queryKey)
  const known = waiting.get(key)
  if (known) {
    known.again = true
    return
  }
  const entry = { again: false }
  waiting.set(key, entry)
  void readAgain(queryClient, queryKey)
  setTimeout(() => {
    waiting.delete(key)
    if (entry.again) renew(queryClient, queryKey)
  }, EVERY_MS)
}

async function readAgain(queryClient: QueryClient, queryKey: QueryKey): Promise<void> {
  // A first read that is still under way may be older than the event; it is not cancelled, because
  // someone waits for it, but it is not the last word either.
  const first = queryClient
    .getQueryCache()
    .findAll({ queryKey, fetchStatus: 'fetching' })
    .filter((query) => query.state.data === undefined)
  await Promise.allSettled(first.map((query) => query.promise))
  await queryClient.invalidateQueries({ queryKey })
}
