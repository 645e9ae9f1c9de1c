import { useQuery } from '@tanstack/react-query'

import { modulePagesOf } from '../../api/modulePages'
import { tenantQuery } from '../../api/tenant'
import type { ModulePage } from '../../api/types'

/** The pages that the modules of a tenant describe. */
export function useModulePages(slug: string | undefined): readonly ModulePage[] {
  const { data } = useQuery({ ...tenantQuery(slug ?? ''), enabled: slug !== undefined })
  return modulePagesOf(data)
}
