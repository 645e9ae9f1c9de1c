import type { Membership } from '../../api/types'
import type { IconName } from '../../ui/icons'
import { mayImport, maySeeInvestors, maySeeMembers } from '../access'

export const TENANT_PAGES = [
  { id: 'portfolio', to: '/t/$slug/portfolio', key: 'p' },
  { id: 'funds', to: '/t/$slug/funds', key: 'f' },
  { id: 'imports', to: '/t/$slug/imports', key: 'i' },
  { id: 'investors', to: '/t/$slug/investors', key: 'v' },
  { id: 'members', to: '/t/$slug/members', key: 'm' },
] as const satisfies readonly { id: IconName; to: string; key: string }[]

export type TenantPage = (typeof TENANT_PAGES)[number]

/** The pages of a tenant that the role may open. */
export function pagesFor(membership: Membership | undefined): TenantPage[] {
  if (!membership) return []
  return TENANT_PAGES.filter((page) => {
    if (page.id === 'imports') return mayImport(membership.role)
    if (page.id === 'investors') return maySeeInvestors(membership.role)
    if (page.id === 'members') return maySeeMembers(membership.role)
    return true
  })
}
