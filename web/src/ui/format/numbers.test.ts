import { describe, expect, test } from 'vitest'

import {
  formatAmount,
  formatBytes,
  formatCompact,
  formatExact,
  formatMultiple,
  formatPerMille,
} from './numbers'

describe('an amount', () => {
  test('is grouped in the way of the language', () => {
    expect(formatAmount('1234567.00', 'en')).toBe('1,234,567')
    expect(formatAmount('1234567.00', 'de')).toBe('1.234.567')
  })
  test('keeps every digit that a float would lose', () => {
    expect(formatAmount('9007199254740993', 'en')).toBe('9,007,199,254,740,993')
    expect(formatExact('90071992547409930000.01', 'USD', 'en')).toBe(
      '90,071,992,547,409,930,000.01 USD',
    )
  })
  test('has a real minus, and none when it rounds to zero', () => {
    expect(formatAmount('-5700000', 'en')).toBe('−5,700,000')
    expect(formatAmount('-0.40', 'en')).toBe('0')
  })
  test('that is none is shown as it came', () => {
    expect(formatAmount('n/a', 'en')).toBe('n/a')
    expect(formatAmount('1e5', 'en')).toBe('1e5')
  })
  test('can be short for a tooltip', () => {
    expect(formatCompact('445478648123.00', 'en')).toBe('445.5B')
  })
})

test('a multiple has two decimals and its sign, or a dash when nothing was called', () => {
  expect(formatMultiple('1.42', 'en')).toBe('1.42×')
  expect(formatMultiple('0', 'de')).toBe('0,00×')
  expect(formatMultiple(null, 'en')).toBe('–')
})

test('thousandths become a percentage with one decimal', () => {
  expect(formatPerMille(914, 'en')).toBe('91.4%')
  expect(formatPerMille(-25, 'en')).toBe('−2.5%')
  expect(formatPerMille(null, 'en')).toBe('–')
})

test('bytes are shown in the unit that fits', () => {
  expect(formatBytes(0, 'en')).toBe('0 byte')
  expect(formatBytes(747_153, 'en')).toBe('747 kB')
  expect(formatBytes(12_500_000_000, 'en')).toBe('12.5 GB')
})
