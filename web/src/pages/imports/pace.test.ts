import { expect, test } from 'vitest'

import { paceOf, withMark, type Mark } from './pace'

const mark = (seconds: number, rows: number): Mark => ({
  at: seconds * 1000,
  rows,
  bytes: rows * 10,
})

test('the pace is what was done lately, and the rest follows from it', () => {
  const marks = [mark(0, 0), mark(2, 1000)]
  expect(paceOf(marks, 20_000)).toEqual({ rowsPerSecond: 500, secondsLeft: 2 })
})

test('one mark tells nothing, and standing still tells no end', () => {
  expect(paceOf([mark(0, 10)], 100)).toBeUndefined()
  expect(paceOf([mark(0, 10), mark(5, 10)], 1000)).toEqual({
    rowsPerSecond: 0,
    secondsLeft: undefined,
  })
})

test('old marks are dropped but for one', () => {
  let marks: readonly Mark[] = []
  for (let second = 0; second <= 30; second++) marks = withMark(marks, mark(second, second * 100))
  expect(marks.at(-1)?.at).toBe(30_000)
  expect(marks.length).toBeLessThanOrEqual(11)
  expect(paceOf(marks, 1e6)?.rowsPerSecond).toBe(100)
})
