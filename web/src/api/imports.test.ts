import { expect, test } from 'vitest'

import { withProgress } from './imports'
import type { Import, ImportProgress } from './types'

const rows = { read: 10, applied: 9, unchanged: 0, refused: 1, warnings: 0 }
const running = {
  id: 'i',
  filename: 'a.csv',
  state: 'running',
  bytes_read: 5,
  bytes: 10,
  error: null,
  rows,
} as Import
const progress: ImportProgress = {
  state: 'running',
  rows: { ...rows, read: 20 },
  bytes_read: 8,
  bytes: 10,
}

test('an event replaces what moves and keeps the rest', () => {
  const next = withProgress(running, progress)
  expect(next).toMatchObject({ filename: 'a.csv', bytes_read: 8, rows: { read: 20 } })
})

test('a late event does not bring a finished import back to life', () => {
  const done: Import = { ...running, state: 'done' }
  expect(withProgress(done, progress)).toBe(done)
})
