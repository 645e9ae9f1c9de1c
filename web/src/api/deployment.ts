import { queryOptions } from '@tanstack/react-query'

import { client, unwrap } from './client'
import { STALE_MS } from './freshness'

export const deploymentQuery = queryOptions({
  queryKey: ['deployment'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/deployment', { signal })),
  staleTime: STALE_MS.deployment,
})
