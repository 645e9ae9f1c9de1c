import { expect, test } from 'vitest'

import { steady } from './steady'

const id = (row: { id: string }) => row.id
const rows = (...ids: string[]) => ids.map((one) => ({ id: one }))
const ids = (order: string[], ...incoming: string[]) => {
  const { rows: shown, held, moved } = steady(order, rows(...incoming), id)
  return [shown.map(id).join(''), held, moved]
}

test('rows in sight stay where they are, whatever order they would have now', () => {
  expect(ids(['a', 'b', 'c'], 'c', 'a', 'b')).toEqual(['abc', 0, true])
  expect(ids(['a', 'b', 'c'], 'a', 'b', 'c')).toEqual(['abc', 0, false])
})

test('a new row between them waits to be asked for', () => {
  expect(ids(['a', 'c'], 'a', 'b', 'c')).toEqual(['ac', 1, false])
})

test('the rows of the next page follow', () => {
  expect(ids(['a', 'b'], 'a', 'b', 'c', 'd')).toEqual(['abcd', 0, false])
  expect(ids([], 'a', 'b')).toEqual(['ab', 0, false])
})

test('a row that is gone is gone', () => {
  expect(ids(['a', 'b', 'c'], 'a', 'c')).toEqual(['ac', 0, false])
})
