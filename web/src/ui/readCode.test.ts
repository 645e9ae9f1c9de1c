import { expect, test } from 'vitest'

import { inGroups, readCode } from './readCode'

test.each([
  ['123456', '123456'],
  [' 123 456\n', '123456'],
  ['123-456', '123456'],
  ['12 34 56', '123456'],
  ['abcd-efgh-2345-6723 ', 'abcd-efgh-2345-6723'],
  ['', ''],
])('%j is sent as %j', (typed, sent) => {
  expect(readCode(typed)).toBe(sent)
})

test('a secret is shown in groups of four and loses nothing', () => {
  expect(inGroups('GEZDGNBVGY3TQOJQG')).toBe('GEZD GNBV GY3T QOJQ G')
  expect(inGroups('')).toBe('')
})
