import type { Membership, Tenant } from '../../api/types'
import type { IconName } from '../../ui/icons'
import {
  hasArea,
  mayAdminister,
  mayEnter,
  mayImport,
  maySeeInvestors,
  maySeeMembers,
} from '../access'

/** The pages of the console's own. One with an `area` is of that module, and not there without it. */
export const TENANT_PAGES = [
  { id: 'portfolio', to: '/t/$slug/portfolio', key: 'p', area: 'funds' },
  { id: 'funds', to: '/t/$slug/funds', key: 'f', area: 'funds' },
  { id: 'imports', to: '/t/$slug/imports', key: 'i', area: 'funds' },
  { id: 'investors', to: '/t/$slug/investors', key: 'v', area: 'funds' },
  { id: 'deleted', to: '/t/$slug/deleted', key: 'd', area: 'funds' },
  { id: 'members', to: '/t/$slug/members', key: 'm', area: undefined },
  { id: 'keys', to: '/t/$slug/keys', key: 'y', area: undefined },
  { id: 'trail', to: '/t/$slug/trail', key: 't', area: undefined },
] as const satisfies readonly { id: IconName; to: string; key: string; area: string | undefined }[]

export type TenantPage = (typeof TENANT_PAGES)[number]

/** The pages of a tenant that the platform has and the role may open. */
export function pagesFor(
  membership: Pick<Membership, 'role'> | undefined,
  tenant: Pick<Tenant, 'areas'> | undefined,
): TenantPage[] {
  if (!membership) return []
  return TENANT_PAGES.filter((page) => {
    if (page.area && !hasArea(tenant, page.area)) return false
    if (page.id === 'imports') return mayImport(membership.role)
    if (page.id === 'deleted') return mayEnter(membership.role)
    if (page.id === 'investors') return maySeeInvestors(membership.role)
    if (page.id === 'members') return maySeeMembers(membership.role)
    if (page.id === 'keys' || page.id === 'trail') return mayAdminister(membership.role)
    return true
  })
}
