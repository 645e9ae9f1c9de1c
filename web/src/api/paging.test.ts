import { expect, test } from 'vitest'

import { cursorAfter, rowsOf } from './paging'

const id = (row: { id: string }) => row.id
const rows = (...ids: string[]) => ids.map((one) => ({ id: one }))

test('the rows of all pages follow each other', () => {
  const pages = [
    { items: rows('a', 'b'), next: 'x' },
    { items: rows('c'), next: null },
  ]
  expect(rowsOf(pages, id).map(id)).toEqual(['a', 'b', 'c'])
  expect(rowsOf(undefined, id)).toEqual([])
})

test('a row that moved between two reads is shown once', () => {
  const pages = [
    { items: rows('a', 'b'), next: 'x' },
    { items: rows('b', 'c'), next: null },
  ]
  expect(rowsOf(pages, id).map(id)).toEqual(['a', 'b', 'c'])
})

test('the list ends without a cursor, and with one that repeats', () => {
  expect(cursorAfter({ items: [], next: 'x' }, [], undefined)).toBe('x')
  expect(cursorAfter({ items: [], next: null }, [], 'x')).toBeUndefined()
  expect(cursorAfter({ items: [], next: 'x' }, [], 'x')).toBeUndefined()
})
