import { expect, test } from 'vitest'

import { compareDecimals, difference, isDecimal, perMille, ratio, signOf, sum } from './decimal'

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

test('differences and sums are exact to the last digit of either', () => {
  expect(difference('9007199254740993.01', '0.02')).toBe('9007199254740992.99')
  expect(difference('1', '1.5')).toBe('-0.5')
  expect(difference('5.00', '5')).toBe('0.00')
  expect(sum('0.1', '0.2')).toBe('0.3')
  expect(sum('-3', '1.25')).toBe('-1.75')
  expect(difference('n/a', '1')).toBeNull()
})

test('a sign is that of the figure and not of its text', () => {
  expect([signOf('-0.00'), signOf('-0.01'), signOf('0.01')]).toEqual([0, -1, 1])
  expect(['10', '9.5', '-1'].toSorted(compareDecimals)).toEqual(['-1', '9.5', '10'])
})

test('a place on a screen keeps six digits of figures that a float could not hold', () => {
  expect(ratio('50000000000000000000.00', '100000000000000000000.00')).toBe(0.5)
  expect(ratio('-1', '4')).toBe(-0.25)
  expect(ratio('1', '0')).toBe(0)
})
