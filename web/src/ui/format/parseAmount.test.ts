import { describe, expect, test } from 'vitest'

import { parseAmount } from './parseAmount'

const read = (text: string, locale = 'en', currency = 'USD') => {
  const parsed = parseAmount(text, { locale, currency })
  return 'amount' in parsed ? parsed.amount : parsed.fault
}

describe('an amount is read as people write it', () => {
  test.each([
    ['1,234.50', '1234.50'],
    ['1.234,50', '1234.50'],
    ['12,34,567', '1234567'],
    ['1,23,45,678.90', '12345678.90'],
    ['1,234,567', '1234567'],
    ['1.234.567', '1234567'],
    ['1 234,50', '1234.50'],
    ['1\u202f234\u00a0567,5', '1234567.5'],
    ["1'234'567.05", '1234567.05'],
    ['$1,234.50', '1234.50'],
    ['1,234.50 USD', '1234.50'],
    ['usd 5', '5'],
    ['1234', '1234'],
    ['1234.5', '1234.5'],
    ['1234,5', '1234.5'],
    ['.5', '0.5'],
    ['007', '7'],
    ['0.00', '0.00'],
    ['-5', '-5'],
    ['−1,234', '-1234'],
    ['(1,234.50)', '-1234.50'],
    ['-0.00', '0.00'],
    ['99999999999999999999.99', '99999999999999999999.99'],
  ])('%j is %s in any language that can tell', (text, amount) => {
    expect(read(text)).toBe(amount)
  })

  test('where two readings are possible the language decides', () => {
    expect(read('1,234', 'en')).toBe('1234')
    expect(read('1.234', 'de')).toBe('1234')
    expect(read('1.234,50', 'de')).toBe('1234.50')
    expect(read('1,234.50', 'de')).toBe('1234.50')
  })
  test('what the language reads as a fraction that the currency does not have is asked back', () => {
    expect(read('1.234', 'en')).toBe('ambiguous')
    expect(read('1,234', 'de')).toBe('ambiguous')
    expect(read('1.234', 'en', 'KWD')).toBe('1.234')
  })
})

describe('what is no amount is refused', () => {
  test.each(['x', '1e5', '1,2345,678', '1.234.5,6', '12,34', '1,,2', '5-', '1/2', '1,234.5.6', 'EUR 5'])(
    '%j',
    (text) => {
      // 12,34 has one reading: a fraction.
      expect(read(text)).toBe(text === '12,34' ? '12.34' : 'not_a_number')
    },
  )
  test('nothing is empty, and not zero', () => {
    expect(read('  ')).toBe('empty')
    expect(read('USD')).toBe('empty')
  })
  test('a currency has only so many decimals', () => {
    expect(read('1.2345')).toBe('too_precise')
    expect(read('1.5', 'en', 'JPY')).toBe('too_precise')
  })
})
