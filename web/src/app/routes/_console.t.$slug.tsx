import { createFileRoute, notFound, Outlet } from '@tanstack/react-router'

import { membershipIn } from '../../api/session'
import { rememberTenant } from '../lastTenant'
import { NotFoundPage } from '../StatusPages'

export const Route = createFileRoute('/_console/t/$slug')({
  beforeLoad: ({ context: { session }, params, preload }) => {
    const membership = membershipIn(session, params.slug)
    if (!membership) throw notFound()
    if (!preload) rememberTenant(params.slug)
    return { role: membership.role }
  },
  component: Outlet,
  notFoundComponent: NotFoundPage,
})
