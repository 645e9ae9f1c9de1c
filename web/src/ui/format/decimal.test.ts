import { expect, test } from 'vitest'

import { isDecimal, perMille } from './decimal'

test('a decimal is digits, a point, digits, and perhaps a minus', () => {
  expect(['0', '-1.50', '123456789012345678901234567890.12'].every(isDecimal)).toBe(true)
  expect(['', '1.', '.5', '1e3', '1,000', ' 1', '+1', 'NaN'].some(isDecimal)).toBe(false)
})

test('a share is rounded half away from zero', () => {
  expect(perMille('1.00', '3.00')).toBe(333)
  expect(perMille('2', '3')).toBe(667)
  expect(perMille('-1', '2000')).toBe(-1)
  expect(perMille('0.0005', '1')).toBe(1)
})

test('a share of large amounts is exact', () => {
  expect(perMille('99999999999999999999.99', '100000000000000000000.00')).toBe(1000)
  expect(perMille('4840536383.00', '4112500000.00')).toBe(1177)
})

test('there is no share of nothing', () => {
  expect(perMille('5', '0.00')).toBeNull()
  expect(perMille('5', '-1')).toBeNull()
  expect(perMille('x', '1')).toBeNull()
})
