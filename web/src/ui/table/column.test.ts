import { expect, test } from 'vitest'

import { ariaSort, csvOf, nextSort, type Column } from './column'

test('text sorts from A, figures from the largest, and a second click turns the order', () => {
  expect(nextSort({ sort: 'name' }, 'value')).toBe('name')
  expect(nextSort({ sort: 'name' }, 'name')).toBe('-name')
  expect(nextSort({ sort: 'value', align: 'right' }, 'name')).toBe('-value')
  expect(nextSort({ sort: 'value', align: 'right' }, '-value')).toBe('value')
})

test('a header says how it is sorted, and one that cannot sort says nothing', () => {
  expect(ariaSort('name', 'name')).toBe('ascending')
  expect(ariaSort('name', '-name')).toBe('descending')
  expect(ariaSort('name', 'value')).toBe('none')
  expect(ariaSort(undefined, 'value')).toBeUndefined()
})

test('a CSV has the exact values and not the rounded ones', () => {
  const columns: Column<{ amount: string }>[] = [
    { id: 'a', header: 'Amount', width: 10, text: (row) => row.amount, cell: () => 'rounded' },
  ]
  expect(csvOf(columns, [{ amount: '1234.56' }])).toEqual([['Amount'], ['1234.56']])
})
