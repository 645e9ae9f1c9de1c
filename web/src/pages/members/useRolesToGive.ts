import { useQuery } from '@tanstack/react-query'

import { tenantQuery } from '../../api/tenant'
import type { Role } from '../../api/types'
import { hasArea, rolesToGive } from '../../app/access'

/** The roles that someone of this role may give here: where there are no funds, nobody is an investor. */
export function useRolesToGive(slug: string, ownRole: Role): Role[] {
  const tenant = useQuery(tenantQuery(slug)).data
  return rolesToGive(ownRole).filter((role) => role !== 'investor' || hasArea(tenant, 'funds'))
}
