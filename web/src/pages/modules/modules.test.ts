import { expect, test } from 'vitest'

import { listUrl, modulePagesOf } from '../../api/modulePages'
import type { ModulePage } from '../../api/types'
import { moduleColumns, rowId } from './moduleColumns'
import { readFields } from './readFields'

const notes: ModulePage = {
  path: 'notes',
  title: 'Notes',
  list: 'notes',
  room: 'notes',
  staff: true,
  columns: [
    { field: 'text', title: 'Text', kind: 'text' },
    { field: 'words', title: 'Words', kind: 'number' },
    { field: 'paid', title: 'Paid', kind: 'money' },
    { field: 'created_at', title: 'Created', kind: 'instant' },
  ],
  create: [
    { field: 'text', title: 'Text', kind: 'text' },
    { field: 'paid', title: 'Paid', kind: 'money' },
    { field: 'words', title: 'Words', kind: 'number' },
  ],
}
const format = {
  exact: (money: { amount: string }) => `exact ${money.amount}`,
  instant: (text: string) => `at ${text}`,
  number: (text: string) => `number ${text}`,
}
const reading = {
  locale: 'en',
  currency: 'USD',
  missing: (title: string) => `${title} is missing`,
  noAmount: (title: string, fault: string) => `${title} ${fault}`,
}

test('a tenant without pages has none', () => {
  expect(modulePagesOf(undefined)).toEqual([])
  expect(modulePagesOf({})).toEqual([])
  expect(modulePagesOf({ pages: [notes] })).toEqual([notes])
})

test('a list is always one of the tenant, however it is named', () => {
  expect(listUrl('demo', notes)).toBe('/v1/t/demo/notes')
  expect(listUrl('demo', { ...notes, list: '/v1/t/demo/notes' })).toBe('/v1/t/demo/notes')
  expect(listUrl('demo', { ...notes, list: '//evil.example/x' })).toBe('/v1/t/demo/evil.example/x')
})

test('each kind is shown as it is shown everywhere, and copied exactly', () => {
  const row = {
    id: 'n1',
    text: 'hello',
    words: 1200,
    paid: { amount: '1.50', currency: 'USD' },
    created_at: '2026-01-01T00:00:00Z',
  }
  const columns = moduleColumns(notes.columns, format)
  expect(columns.map((column) => column.cell?.(row))).toEqual([
    'hello',
    'number 1200',
    'exact 1.50',
    'at 2026-01-01T00:00:00Z',
  ])
  expect(columns.map((column) => column.text(row))).toEqual([
    'hello',
    '1200',
    '1.50',
    '2026-01-01T00:00:00Z',
  ])
  expect(columns.map((column) => column.align)).toEqual([undefined, 'right', 'right', undefined])
  expect(columns.map((column) => column.cell?.({ id: 'n2', words: null }))).toEqual([
    '–',
    '–',
    '–',
    '–',
  ])
  expect([rowId(row), rowId({ text: 'x' })]).toEqual(['n1', '{"text":"x"}'])
})

test('a form sends what each kind takes', () => {
  const texts = { text: ' hello ', paid: '1,234.50', words: '7' }
  expect(readFields(notes.create, texts, reading)).toEqual({
    body: { text: 'hello', paid: { amount: '1234.50', currency: 'USD' }, words: 7 },
    faults: [],
  })
})

test('a form names the fields that it cannot read', () => {
  const { faults } = readFields(notes.create, { paid: 'x', words: 'many' }, reading)
  expect(faults.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'text missing',
    'paid not_a_number',
    'words not_a_number',
  ])
})
