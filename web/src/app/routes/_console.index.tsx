import { createFileRoute, redirect } from '@tanstack/react-router'

import { membershipIn } from '../../api/session'
import { TenantChoicePage } from '../../pages/tenants/TenantChoicePage'
import { lastTenant } from '../lastTenant'

export const Route = createFileRoute('/_console/')({
  beforeLoad: ({ context: { session } }) => {
    const last = membershipIn(session, lastTenant() ?? '')
    const only = session.memberships.length === 1 ? session.memberships[0] : undefined
    const slug = (last ?? only)?.tenant.slug
    if (slug) throw redirect({ to: '/t/$slug', params: { slug }, replace: true })
  },
  component: TenantChoicePage,
})
