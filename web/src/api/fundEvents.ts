import type { QueryClient } from '@tanstack/react-query'

import type { LiveEvent } from './live'
import { renew } from './renew'

interface FundEventData {
  fund_id?: string
  allocation_id?: string
}

/** What an event of the fund book is about, as the beginnings of query keys under a tenant. */
export function keysOf({ kind, data }: Pick<LiveEvent, 'kind' | 'data'>): string[][] {
  const { fund_id, allocation_id } = (data ?? {}) as FundEventData
  const fund = fund_id ? [['fund', fund_id]] : [['fund']]
  switch (kind) {
    case 'fund.created':
      return [['funds'], ['portfolio']]
    case 'fund.changed':
      return [...fund, ['funds'], ['portfolio']]
    case 'allocation.created':
    case 'allocation.changed': {
      const own = allocation_id ? [['allocation', allocation_id]] : []
      return [...fund, ...own, ['funds'], ['investors'], ['portfolio']]
    }
    case 'allocation.deleted':
    case 'allocation.restored': {
      const own = allocation_id ? [['allocation', allocation_id]] : []
      return [...fund, ...own, ['funds'], ['investors'], ['portfolio'], ['deleted']]
    }
    case 'fund.deleted':
    case 'fund.restored':
      // Its allocations went or came with it.
      return [...fund, ['allocation'], ['funds'], ['investors'], ['portfolio'], ['deleted']]
    case 'investor.created':
      return [['investors']]
    case 'investor.deleted':
    case 'investor.restored':
      return [['investors'], ['deleted']]
    case 'funds.imported':
      return [['fund'], ['allocation'], ['funds'], ['investors'], ['portfolio'], ['deleted']]
    default:
      return []
  }
}

/** Read again what an event is about, and nothing else. What nobody looks at is only marked as old. */
export function applyFundEvent(
  queryClient: QueryClient,
  tenant: string,
  event: Pick<LiveEvent, 'kind' | 'data'>,
): void {
  for (const key of keysOf(event)) renew(queryClient, ['t', tenant, ...key])
}
