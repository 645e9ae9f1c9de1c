import { expect, test } from 'vitest'

import { offline, Problem } from './problem'
import { shouldRetry } from './queryClient'

const answered = (status: number) =>
  new Problem({ type: 'about:blank', title: 'x', status, code: 'x' })

test('a refusal is never asked again', () => {
  for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
    expect(shouldRetry(0, answered(status))).toBe(false)
  }
})

test('what may pass by itself is asked again, twice', () => {
  expect(shouldRetry(0, offline())).toBe(true)
  expect(shouldRetry(1, answered(503))).toBe(true)
  expect(shouldRetry(2, answered(503))).toBe(false)
})

test('an error of our own code is not asked again', () => {
  expect(shouldRetry(0, new TypeError('x is undefined'))).toBe(false)
})
