import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { applyFundEvent, keysOf } from './fundEvents'
import { renew } from './renew'

let client: QueryClient
const reads: string[] = []

/** A page that looks at a query. */
function watch(...key: string[]) {
  const observer = new QueryObserver(client, {
    queryKey: ['t', 'demo', ...key],
    queryFn: () => {
      reads.push(key.join('/'))
      return key.join('/') + reads.length
    },
    staleTime: Infinity,
  })
  return observer.subscribe(() => {})
}

beforeEach(() => {
  vi.useFakeTimers()
  client = new QueryClient()
  reads.length = 0
})
afterEach(() => {
  vi.runOnlyPendingTimers()
  client.clear()
  vi.useRealTimers()
})

test('an event reads again what it is about and nothing else', async () => {
  watch('fund', '1', 'dashboard')
  watch('fund', '2', 'dashboard')
  watch('investors')
  await vi.advanceTimersByTimeAsync(0)
  reads.length = 0
  applyFundEvent(client, 'demo', { kind: 'fund.changed', data: { fund_id: '1' } })
  await vi.advanceTimersByTimeAsync(0)
  expect(reads).toEqual(['fund/1/dashboard'])
})

test('an import is about all funds, an unknown kind about none', () => {
  expect(keysOf({ kind: 'funds.imported', data: {} })).toContainEqual(['fund'])
  expect(keysOf({ kind: 'something.new', data: null })).toEqual([])
})

test('what is deleted or restored goes from every list, and what went with it', () => {
  for (const what of ['deleted', 'restored']) {
    const fund = keysOf({ kind: `fund.${what}`, data: { fund_id: '1' } })
    expect(fund).toEqual(
      expect.arrayContaining([['fund', '1'], ['allocation'], ['funds'], ['portfolio'], ['deleted']]),
    )
    const data = { fund_id: '1', allocation_id: '2' }
    expect(keysOf({ kind: `allocation.${what}`, data })).toEqual(
      expect.arrayContaining([['fund', '1'], ['allocation', '2'], ['investors'], ['deleted']]),
    )
    expect(keysOf({ kind: `investor.${what}`, data: null })).toEqual([['investors'], ['deleted']])
  }
})

test('a flood of events reads at once and then only so often, the last of it too', async () => {
  watch('funds')
  await vi.advanceTimersByTimeAsync(0)
  reads.length = 0
  for (let event = 0; event < 100; event++) {
    renew(client, ['t', 'demo', 'funds'])
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(reads.length).toBeGreaterThanOrEqual(3)
  expect(reads.length).toBeLessThanOrEqual(4)
})

test('a first read that is under way is not the last word', async () => {
  const answers: ((text: string) => void)[] = []
  const asked = vi.fn<() => Promise<string>>(() => new Promise((resolve) => answers.push(resolve)))
  const key = ['t', 'demo', 'portfolio']
  new QueryObserver(client, { queryKey: key, queryFn: asked }).subscribe(() => {})
  renew(client, key)
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveBeenCalledTimes(1)
  answers[0]?.('old')
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveBeenCalledTimes(2)
})
