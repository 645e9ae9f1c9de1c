import { createRouter } from '@tanstack/react-router'

import { createQueryClient } from '../api/queryClient'
import { leaveForDoor } from './doorway'
import { parseSearch, stringifySearch } from './searchParams'
import { routeTree } from './routeTree.gen'
import { ErrorPage, NotFoundPage } from './StatusPages'

export const queryClient = createQueryClient(onSignedOut)

export const router = createRouter({
  routeTree,
  context: { queryClient },
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  // Hovering or focusing a link reads what it leads to; the click then finds it in the cache.
  defaultPreload: 'intent',
  defaultPreloadDelay: 30,
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
})

/** A session that ended anywhere leads to the door, and from there back to this page. */
function onSignedOut(): void {
  leaveForDoor(router.latestLocation.href)
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
