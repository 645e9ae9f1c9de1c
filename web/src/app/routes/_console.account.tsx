import { createFileRoute } from '@tanstack/react-router'

import { secondFactorQuery } from '../../api/secondFactor'
import { membershipIn, sessionsQuery } from '../../api/session'
import { tenantQuery } from '../../api/tenant'
import { AccountPage } from '../../pages/account/AccountPage'
import { loadWords } from '../i18n'
import { lastTenant } from '../lastTenant'

export const Route = createFileRoute('/_console/account')({
  loader: async ({ context: { queryClient, session } }) => {
    void queryClient.prefetchQuery(secondFactorQuery)
    void queryClient.prefetchQuery(sessionsQuery)
    // The navigation beside it is that of the last tenant; waiting for it keeps it from moving.
    const membership = membershipIn(session, lastTenant() ?? '') ?? session.memberships[0]
    const known = membership && queryClient.prefetchQuery(tenantQuery(membership.tenant.slug))
    await Promise.all([known, loadWords('account')])
  },
  component: AccountPage,
})
