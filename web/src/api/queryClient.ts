import { QueryCache, QueryClient, MutationCache } from '@tanstack/react-query'

import { Problem } from './problem'

const RETRIES_MAX = 2

/** Only what may pass by itself is tried again: no answer at all, or 502, 503, 504. */
export function shouldRetry(failures: number, error: Error): boolean {
  if (!(error instanceof Problem)) return false
  const passing = error.status === 0 || (error.status >= 502 && error.status <= 504)
  return passing && failures < RETRIES_MAX
}

/** `onSignedOut` is called when any answer says that the session has ended. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof Problem && error.code === 'unauthenticated') onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: shouldRetry, networkMode: 'always', refetchOnWindowFocus: true },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}
