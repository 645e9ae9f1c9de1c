import { loadWords, NAMESPACES } from './i18n'
import { router } from './router'

const SETTLED_MS = 1_500

/**
 * Fetch the code and the words of the other pages once this one has settled.
 *
 * The next page then opens at once, and still opens when the network is gone for a while.
 */
export function warmUp(): void {
  setTimeout(() => {
    for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route)
    void loadWords(...NAMESPACES)
    // What opens beside a page.
    void import('../pages/funds/FundDrawer')
    void import('../pages/funds/AllocationReports')
  }, SETTLED_MS)
}
