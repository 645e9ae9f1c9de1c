import { createFileRoute } from '@tanstack/react-router'

import { membershipIn, sessionsQuery } from '../../api/session'
import { tenantQuery } from '../../api/tenant'
import { AccountPage } from '../../pages/account/AccountPage'
import { loadWords } from '../i18n'
import { lastTenant } from '../lastTenant'

export const Route = createFileRoute('/_console/account')({
  loader: async ({ context: { queryClient, session } }) => {
    // Fetched when it is needed: every first load would carry it.
    void import('../../api/secondFactor').then(({ secondFactorQuery }) =>
      queryClient.prefetchQuery(secondFactorQuery),
    )
    void queryClient.prefetchQuery(sessionsQuery)
    // The navigation beside it is that of the last tenant; waiting for it keeps it from moving.
    const membership = membershipIn(session, lastTenant() ?? '') ?? session.memberships[0]
    const known = membership && queryClient.prefetchQuery(tenantQuery(membership.tenant.slug))
    await Promise.all([known, loadWords('account')])
  },
  component: AccountPage,
})
