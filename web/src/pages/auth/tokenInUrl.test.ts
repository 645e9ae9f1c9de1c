import { expect, test } from 'vitest'

import { tokenInUrl } from './tokenInUrl'

test.each([
  ['', ''],
  ['#', ''],
  ['#ur_abc-DEF_1', 'ur_abc-DEF_1'],
  ['#a%2Bb', 'a+b'],
  ['#a%b', 'a%b'],
])('%j holds %j', (hash, token) => {
  expect(tokenInUrl(hash)).toBe(token)
})
