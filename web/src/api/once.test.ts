// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createFund } from './dashboard'
import { createKeys } from './once'
import { Problem } from './problem'

const FUND = { name: 'A', currency: 'USD' }
const fetched = vi.fn<(request: Request) => Promise<Response>>()
const problem = (status: number, code: string, headers = {}) =>
  new Response(JSON.stringify({ type: 'about:blank', title: code, status, code }), {
    status,
    headers,
  })
const keysSent = () => fetched.mock.calls.map(([sent]) => sent.headers.get('Idempotency-Key'))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => {
  fetched.mockReset()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('the same input keeps its key, another has its own, and going back finds the first again', () => {
  const keyOf = createKeys()
  const first = keyOf({ name: 'A' })
  expect(keyOf({ name: 'A' })).toBe(first)
  expect(keyOf({ name: 'B' })).not.toBe(first)
  expect(keyOf({ name: 'A' })).toBe(first)
  expect(createKeys()({ name: 'A' })).not.toBe(first)
  expect(first).toMatch(/^[\x21-\x7e]{1,255}$/)
})

test('while the first is at work it asks again with the same key', async () => {
  fetched.mockResolvedValueOnce(problem(409, 'in_flight', { 'Retry-After': '1' }))
  fetched.mockResolvedValueOnce(new Response('{"id":"f"}', { status: 201 }))
  const answer = createFund('demo', 'k', FUND)
  await vi.advanceTimersByTimeAsync(999)
  expect(fetched).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  await expect(answer).resolves.toEqual({ id: 'f' })
  expect(keysSent()).toEqual(['k', 'k'])
})

test('any other refusal is told at once', async () => {
  fetched.mockResolvedValue(problem(409, 'name_taken'))
  await expect(createFund('demo', 'k', FUND)).rejects.toMatchObject({ code: 'name_taken' })
  expect(fetched).toHaveBeenCalledTimes(1)
})

test('what is at work for too long is told too', async () => {
  fetched.mockImplementation(async () => problem(409, 'in_flight', { 'Retry-After': '1' }))
  const answer = createFund('demo', 'k', FUND)
  const refused = expect(answer).rejects.toBeInstanceOf(Problem)
  await vi.advanceTimersByTimeAsync(10_000)
  await refused
  expect(fetched).toHaveBeenCalledTimes(5)
})
