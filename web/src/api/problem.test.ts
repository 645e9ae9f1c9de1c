import { describe, expect, test } from 'vitest'

import { asProblem, OFFLINE, problemFrom, retryAfterSeconds } from './problem'

const headers = (values: Record<string, string>) => (name: string) => values[name] ?? null

describe('a problem', () => {
  test('is what the server said', () => {
    const errors = [{ field: 'email', code: 'missing', message: 'is missing' }]
    const body = {
      type: 't',
      title: 'Invalid',
      status: 422,
      code: 'invalid',
      instance: 'r1',
      errors,
    }
    const problem = problemFrom(422, headers({}), body)
    expect(problem).toMatchObject({ code: 'invalid', requestId: 'r1', fields: errors })
  })
  test('takes the request id from the header when the body has none', () => {
    const body = { type: 't', title: 'x', status: 404, code: 'not_found' }
    expect(problemFrom(404, headers({ 'X-Request-Id': 'r2' }), body).requestId).toBe('r2')
  })
  test('is made up when a proxy answers with something else', () => {
    expect(problemFrom(502, headers({}), '<html>').code).toBe('unavailable')
    expect(problemFrom(500, headers({}), undefined).code).toBe('internal')
  })
  test('is made of any error that is none', () => {
    expect(asProblem(new TypeError('fetch failed')).code).toBe(OFFLINE)
  })
})

test('Retry-After is seconds or a date', () => {
  expect(retryAfterSeconds('45')).toBe(45)
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryAfterSeconds('Thu, 01 Jan 2026 00:01:30 GMT', now)).toBe(90)
  expect(retryAfterSeconds('Thu, 01 Jan 2025 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterSeconds('soon')).toBeUndefined()
  expect(retryAfterSeconds(null)).toBeUndefined()
})
