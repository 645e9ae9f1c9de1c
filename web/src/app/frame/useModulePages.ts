import { useQuery } from '@tanstack/react-query'

import { modulePagesOf } from '../../api/modulePages'
import { tenantQuery } from '../../api/tenant'
import type { Membership, ModulePage } from '../../api/types'
import { pagesFor, type TenantPage } from './destinations'

function useTenant(slug: string | undefined) {
  return useQuery({ ...tenantQuery(slug ?? ''), enabled: slug !== undefined }).data
}

/** The pages of the console's own that someone has in a tenant. */
export function usePages(membership: Membership | undefined): TenantPage[] {
  return pagesFor(membership, useTenant(membership?.tenant.slug))
}

/** The pages that the modules of a tenant describe. */
export function useModulePages(slug: string | undefined): readonly ModulePage[] {
  return modulePagesOf(useTenant(slug))
}
