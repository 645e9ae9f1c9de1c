import { expect, test } from 'vitest'

import { readReport, textsOf } from './reportTexts'

const usd = (amount: string) => ({ amount, currency: 'USD' })
const report = {
  as_of: '2025-03-31',
  commitment: usd('1234567.50'),
  called: usd('-5.00'),
  distributed: null,
  value: usd('0.00'),
  source: 'import' as const,
}
const reading = (locale: string) => ({
  locale,
  currency: 'USD',
  noDate: () => ({ field: 'report.as_of', code: 'date', message: '' }),
  noAmount: (field: string, code: string) => ({ field, code, message: '' }),
})

test.each(['en', 'de'])('what stands in the form in %s is read as what the server said', (locale) => {
  const { report: read, faults } = readReport(textsOf(report, locale), reading(locale))
  expect(faults).toEqual([])
  expect(read).toEqual({
    as_of: '2025-03-31',
    commitment: '1234567.50',
    called: '-5.00',
    distributed: null,
    value: '0.00',
  })
})

test('empty is not reported, but a commitment and a day have to be there', () => {
  const { faults } = readReport(textsOf({}, 'en'), reading('en'))
  expect(faults.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'report.as_of date',
    'report.commitment empty',
  ])
})

test('what cannot be read names its field', () => {
  const texts = { ...textsOf(report, 'en'), 'report.value': 'abc', 'report.called': '1.234' }
  const { faults } = readReport(texts, reading('en'))
  expect(faults.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'report.called ambiguous',
    'report.value not_a_number',
  ])
})
