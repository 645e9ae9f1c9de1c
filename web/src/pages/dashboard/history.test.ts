import { expect, test } from 'vitest'

import type { Dated } from '../../api/types'
import { storyOf } from './history'

const usd = (amount: string) => ({ amount, currency: 'USD' })
const on = (as_of: string, value: string): Dated => ({
  as_of,
  positions: {
    committed: usd('10'),
    called: usd('8'),
    distributed: usd('3'),
    unfunded: usd('2'),
    value: usd(value),
    tvpi: null,
    dpi: null,
    rvpi: null,
  },
})

test('the story of a history is its last day and its highest value', () => {
  const history = [on('2020-03-31', '5.00'), on('2021-03-31', '10.00'), on('2022-03-31', '9.50')]
  expect(storyOf(history)).toMatchObject({
    kind: 'pastPeak',
    to: '2022-03-31',
    value: '9.50',
    peak: '10.00',
    peakDate: '2021-03-31',
  })
  expect(storyOf(history.slice(0, 2))).toMatchObject({ kind: 'atPeak', peakDate: '2021-03-31' })
})

test('a value as high as before is at its peak now', () => {
  expect(storyOf([on('2020-03-31', '5'), on('2021-03-31', '5.00')])?.kind).toBe('atPeak')
})

test('of one day and of none there is little to say', () => {
  expect(storyOf([on('2020-03-31', '5')])?.kind).toBe('one')
  expect(storyOf([])).toBeUndefined()
})
