import { createFileRoute, redirect } from '@tanstack/react-router'

import { modulePagesOf } from '../../api/modulePages'
import { tenantQuery } from '../../api/tenant'
import { pagesFor } from '../frame/destinations'

export const Route = createFileRoute('/_console/t/$slug/')({
  beforeLoad: async ({ context: { queryClient, role }, params }) => {
    const replace = true
    const tenant = await queryClient.ensureQueryData(tenantQuery(params.slug)).catch(() => undefined)
    const pages = pagesFor({ role }, tenant)
    const has = (id: string) => pages.some((page) => page.id === id)
    // An outside person comes to see how their money stands, the staff to work on the funds.
    if (has('funds')) {
      const to = role === 'investor' ? '/t/$slug/portfolio' : '/t/$slug/funds'
      throw redirect({ to, params, replace })
    }
    const path = modulePagesOf(tenant)[0]?.path
    if (path) throw redirect({ to: '/t/$slug/p/$path', params: { ...params, path }, replace })
    if (has('members')) throw redirect({ to: '/t/$slug/members', params, replace })
    throw redirect({ to: '/account', replace })
  },
})
