import { queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'

export function tenantQuery(tenant: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'tenant'],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/t/{tenant}', { params: { path: { tenant } }, signal })),
    staleTime: STALE_MS.session,
  })
}
