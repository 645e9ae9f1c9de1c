import { expect, test } from 'vitest'

import { safeNext } from './nextUrl'

const ORIGIN = 'https://console.example.test'

test('a path of this origin is followed with all that it says', () => {
  expect(safeNext('/t/demo/funds?q=a#b', ORIGIN)).toBe('/t/demo/funds?q=a#b')
})

test.each([
  undefined,
  '',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  '/\n/evil.example/',
  'javascript:alert(1)',
  't/demo',
])('%j leads home', (next) => {
  expect(safeNext(next, ORIGIN)).toBe('/')
})

test('the door does not lead to itself', () => {
  expect(safeNext('/sign-in?next=/x', ORIGIN)).toBe('/')
  expect(safeNext('/invite#abc', ORIGIN)).toBe('/')
  expect(safeNext('/reset#abc', ORIGIN)).toBe('/')
  expect(safeNext('/dev/mail', ORIGIN)).toBe('/')
})
