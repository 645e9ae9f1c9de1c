import { createFileRoute, notFound, Outlet } from '@tanstack/react-router'

import { membershipIn } from '../../api/session'
import { tenantQuery } from '../../api/tenant'
import { rememberTenant } from '../lastTenant'
import { NotFoundPage } from '../StatusPages'

export const Route = createFileRoute('/_console/t/$slug')({
  beforeLoad: ({ context: { session }, params, preload }) => {
    const membership = membershipIn(session, params.slug)
    if (!membership) throw notFound()
    if (!preload) rememberTenant(params.slug)
    return { role: membership.role }
  },
  // The navigation lists the pages that the tenant has; waiting for them keeps it from moving.
  loader: ({ context: { queryClient }, params }) =>
    queryClient
      .ensureQueryData({ ...tenantQuery(params.slug), revalidateIfStale: true })
      .then(() => {})
      .catch(() => {}),
  component: Outlet,
  notFoundComponent: NotFoundPage,
})
