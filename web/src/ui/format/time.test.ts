import { expect, test } from 'vitest'

import { formatAge, formatDuration, formatInstant, isIsoDate } from './time'

test('an instant is ISO short in the zone of the reader, which is printed', () => {
  expect(formatInstant('2026-03-31T22:05:00Z', 'en', 'UTC')).toBe('2026-03-31 22:05 UTC')
  expect(formatInstant('2026-03-31T22:05:00Z', 'de', 'Europe/Berlin')).toBe('2026-04-01 00:05 MESZ')
  expect(formatInstant('not an instant', 'en')).toBe('not an instant')
})

test('a duration has at most two units', () => {
  expect(formatDuration(0, 'en')).toBe('0 sec')
  expect(formatDuration(125, 'en')).toBe('2 min 5 sec')
  expect(formatDuration(3_600, 'en')).toBe('1 hr')
  expect(formatDuration(90_061, 'en')).toBe('1 day 1 hr')
})

test('an age is told in the largest unit that fits', () => {
  const now = Date.parse('2026-01-01T12:00:00Z')
  expect(formatAge('2026-01-01T11:57:10Z', 'en', now)).toBe('2 minutes ago')
  expect(formatAge('2026-01-01T12:00:00Z', 'en', now)).toBe('now')
  expect(formatAge('2025-12-31T12:00:00Z', 'en', now)).toBe('yesterday')
})

test('only days that exist are dates', () => {
  expect(isIsoDate('2024-02-29')).toBe(true)
  expect(['2025-02-29', '2025-13-01', '2025-1-1', '31.12.2025', ''].some(isIsoDate)).toBe(false)
})
