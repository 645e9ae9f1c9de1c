import { expect, test } from 'vitest'

import { filterOf, fundsSearch } from '../pages/funds/fundsSearch'
import { parseSearch, stringifySearch } from './searchParams'

test('parameters are plain text and survive the way there and back', () => {
  const search = { q: '2024 & "more"', as_of: '2025-03-31' }
  expect(stringifySearch(search)).toBe('?q=2024+%26+%22more%22&as_of=2025-03-31')
  expect(parseSearch(stringifySearch(search))).toEqual(search)
})

test('what is empty is not in the URL', () => {
  expect(stringifySearch({ q: '', sort: undefined })).toBe('')
})

test('a fund list ignores what makes no sense', () => {
  expect(fundsSearch({ sort: 'evil', as_of: '2025-02-30', q: 7, vintage: '19' })).toEqual({
    as_of: undefined,
    q: undefined,
    vintage: undefined,
    sort: undefined,
    open: undefined,
  })
  expect(fundsSearch({ sort: '-tvpi', as_of: '2025-03-31', q: 'kkr' })).toMatchObject({
    sort: '-tvpi',
    as_of: '2025-03-31',
    q: 'kkr',
  })
})

test('a vintage is a year from 1900 to 2200, and the server is asked for it as a number', () => {
  expect(filterOf(fundsSearch({ vintage: '2019', q: 'a' }))).toMatchObject({ vintage: 2019, q: 'a' })
  for (const vintage of ['1899', '2201', '20190', 'year', '2019.5']) {
    expect(fundsSearch({ vintage }).vintage).toBeUndefined()
  }
})
