import { expect, test } from 'vitest'

import { recognise } from './recognise'

test('columns are known by any of their names, in any order and case', () => {
  const { columns, ignored, missing, twice } = recognise([
    'As_Of_Date',
    ' Fund ',
    'INVESTOR_NAME',
    'called_mm',
    'commitment',
    'source_url',
  ])
  expect(columns.map((column) => column.field)).toEqual([
    'as_of',
    'fund',
    'investor',
    'called',
    'commitment',
    undefined,
  ])
  expect(columns.map((column) => column.inMillions)).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
  ])
  expect(ignored).toEqual(['source_url'])
  expect(missing).toEqual([])
  expect(twice).toEqual([])
})

test('what is missing and what stands there twice is named', () => {
  expect(recognise(['investor', 'fund', 'commitment', 'commitment_mm'])).toMatchObject({
    missing: ['as_of'],
    twice: ['commitment'],
  })
})
