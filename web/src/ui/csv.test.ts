import { describe, expect, test } from 'vitest'

import { csvField, toCsv } from './csv'

describe('a field of a CSV', () => {
  test('is quoted when it has to be', () => {
    expect(csvField('plain')).toBe('plain')
    expect(csvField('a,b')).toBe('"a,b"')
    expect(csvField('say "hi"')).toBe('"say ""hi"""')
    expect(csvField('two\nlines')).toBe('"two\nlines"')
  })
  test('is never run as a formula', () => {
    expect(csvField('=1+1')).toBe("'=1+1")
    expect(csvField('@SUM(A1)')).toBe("'@SUM(A1)")
    expect(csvField('+49 30')).toBe("'+49 30")
    expect(csvField('-2+3')).toBe("'-2+3")
    expect(csvField('\t=1')).toBe("'\t=1")
    expect(csvField('=HYPERLINK("x","y")')).toBe('"\'=HYPERLINK(""x"",""y"")"')
  })
  test('that is a negative number stays one', () => {
    expect(csvField('-5700000.00')).toBe('-5700000.00')
  })
})

test('rows end as RFC 4180 says', () => {
  expect(
    toCsv([
      ['a', 'b'],
      ['1', ''],
    ]),
  ).toBe('a,b\r\n1,\r\n')
})
