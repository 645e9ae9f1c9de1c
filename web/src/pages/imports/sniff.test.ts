import { describe, expect, test } from 'vitest'

import { parseCsv, PREVIEW_ROWS, sniff } from './sniff'

const rows = (text: string) => parseCsv(text, 10, true)
const bytes = (text: string) => new TextEncoder().encode(text)

describe('the first look at a file', () => {
  test('finds the header and the rows', () => {
    expect(sniff(bytes('a,b\n1,2\n3,4\n'), true)).toEqual({
      header: ['a', 'b'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
      problem: undefined,
    })
  })
  test('passes over the mark that spreadsheets set', () => {
    expect(sniff(bytes('\uFEFFa,b\n1,2'), true).header).toEqual(['a', 'b'])
  })
  test('shows twenty rows at most', () => {
    expect(sniff(bytes('a,b\n' + '1,2\n'.repeat(50)), true).rows).toHaveLength(PREVIEW_ROWS)
  })
  test('leaves out the row and forgives the character that the cut divides', () => {
    const cut = bytes('a,b\n1,2\n3,ä').slice(0, -1)
    expect(sniff(cut, false)).toMatchObject({ rows: [['1', '2']], problem: undefined })
    expect(sniff(cut, true).problem).toEqual({ code: 'not_utf8' })
  })
  test.each([
    ['', { code: 'empty_file' }],
    [' \n\n', { code: 'empty_file' }],
    ['investor;fund\nA;B', { code: 'not_csv', format: 'semicolons' }],
    ['investor\tfund\nA\tB', { code: 'not_csv', format: 'tabs' }],
    ['investor\nA', { code: 'not_csv', format: 'one_column' }],
    ['PK\u0003\u0004...', { code: 'not_csv', format: 'binary' }],
    ['{"a": 1}', { code: 'not_csv', format: 'binary' }],
    ['a\0b,c\n', { code: 'not_csv', format: 'binary' }],
    ['x,'.repeat(200), { code: 'too_many_columns', count: 201 }],
  ])('%j is refused', (text, problem) => {
    expect(sniff(bytes(text), true).problem).toEqual(problem)
  })
  test('UTF-16 and Latin-1 are no UTF-8', () => {
    expect(sniff(new Uint8Array([0xff, 0xfe, 0x61, 0]), true).problem).toEqual({ code: 'not_utf8' })
    expect(sniff(new Uint8Array([0x61, 0x2c, 0xe4, 0x0a]), true).problem).toEqual({
      code: 'not_utf8',
    })
  })
})

describe('comma-separated text', () => {
  test('may quote commas, quotes and line ends', () => {
    expect(rows('"a,1","say ""hi""","two\nlines"\n')).toEqual([['a,1', 'say "hi"', 'two\nlines']])
  })
  test('may end its lines in three ways, and empty lines are none', () => {
    expect(rows('a,b\r\n\r\nc,d\re,f')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
  })
  test('keeps empty fields', () => {
    expect(rows('a,,\n,,\n')).toEqual([
      ['a', '', ''],
      ['', '', ''],
    ])
  })
})
