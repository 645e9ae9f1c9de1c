import { queryOptions } from '@tanstack/react-query'

import { client, tagged, unwrap } from './client'
import { STALE_MS } from './freshness'
import { onceMore } from './once'
import { keepWithin } from './placeholder'
import type { AllocationChange, FundChange, NewAllocation, NewFund, NewInvestor } from './types'

export function dashboardQuery(tenant: string, fund: string, as_of?: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'fund', fund, 'dashboard', as_of ?? null],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/funds/{fund}/dashboard', {
          params: { path: { tenant, fund }, query: { as_of } },
          signal,
        }),
      ),
    staleTime: STALE_MS.positions,
    placeholderData: keepWithin(tenant, 'fund', fund),
  })
}

export interface PortfolioFilter {
  as_of?: string | undefined
  currency?: string | undefined
}

export function portfolioQuery(tenant: string, filter: PortfolioFilter) {
  return queryOptions({
    queryKey: ['t', tenant, 'portfolio', filter.as_of ?? null, filter.currency ?? null],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/t/{tenant}/portfolio', {
          params: { path: { tenant }, query: { ...filter } },
          signal,
        }),
      ),
    staleTime: STALE_MS.positions,
    placeholderData: keepWithin(tenant),
  })
}

/** An allocation with all its reports, and the tag that a change has to name. */
export function allocationQuery(tenant: string, allocation: string) {
  return queryOptions({
    queryKey: ['t', tenant, 'allocation', allocation],
    queryFn: ({ signal }) =>
      tagged(
        client.GET('/v1/t/{tenant}/allocations/{allocation}', {
          params: { path: { tenant, allocation } },
          signal,
        }),
      ),
    staleTime: STALE_MS.positions,
  })
}

/** What a fund is now, and the tag that a change has to name. */
export function readFund(tenant: string, fund: string) {
  return tagged(
    client.GET('/v1/t/{tenant}/funds/{fund}', { params: { path: { tenant, fund } } }),
  )
}

export function changeFund(tenant: string, fund: string, etag: string, body: FundChange) {
  const params = { path: { tenant, fund }, header: { 'If-Match': etag } }
  return tagged(client.PATCH('/v1/t/{tenant}/funds/{fund}', { params, body }))
}

export function changeAllocation(
  tenant: string,
  allocation: string,
  etag: string,
  body: AllocationChange,
) {
  const params = { path: { tenant, allocation }, header: { 'If-Match': etag } }
  return tagged(client.PATCH('/v1/t/{tenant}/allocations/{allocation}', { params, body }))
}

export function createFund(tenant: string, key: string, body: NewFund) {
  const params = { path: { tenant }, header: { 'Idempotency-Key': key } }
  return onceMore(() => unwrap(client.POST('/v1/t/{tenant}/funds', { params, body })))
}

export function createInvestor(tenant: string, key: string, body: NewInvestor) {
  const params = { path: { tenant }, header: { 'Idempotency-Key': key } }
  return onceMore(() => unwrap(client.POST('/v1/t/{tenant}/investors', { params, body })))
}

export function createAllocation(tenant: string, fund: string, key: string, body: NewAllocation) {
  const params = { path: { tenant, fund }, header: { 'Idempotency-Key': key } }
  return onceMore(() =>
    unwrap(client.POST('/v1/t/{tenant}/funds/{fund}/allocations', { params, body })),
  )
}
