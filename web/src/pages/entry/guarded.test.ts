import { expect, test } from 'vitest'

import { changedOf, rebase } from './guarded'

const base = { name: 'Harbor I', manager: 'Ada', vintage: '2005' }

test('only what was changed is sent', () => {
  expect(changedOf(base, { ...base, manager: 'Ben' })).toEqual({ manager: 'Ben' })
  expect(changedOf(base, base)).toEqual({})
})

test('what somebody else changed is taken over where nothing was typed, and said', () => {
  const typed = { ...base, name: 'Harbor One' }
  const { texts, conflicts } = rebase(base, typed, { ...base, manager: 'Cleo' })
  expect(texts).toEqual({ name: 'Harbor One', manager: 'Cleo', vintage: '2005' })
  expect(conflicts).toEqual([{ field: 'manager', was: 'Ada', now: 'Cleo', yours: undefined }])
})

test('what both changed keeps what was typed and shows both', () => {
  const { texts, conflicts } = rebase(base, { ...base, manager: 'Ben' }, { ...base, manager: 'Cleo' })
  expect(texts.manager).toBe('Ben')
  expect(conflicts).toEqual([{ field: 'manager', was: 'Ada', now: 'Cleo', yours: 'Ben' }])
})

test('the same change by both is no quarrel', () => {
  const { texts, conflicts } = rebase(base, { ...base, manager: 'Cleo' }, { ...base, manager: 'Cleo' })
  expect(texts.manager).toBe('Cleo')
  expect(conflicts[0]?.yours).toBeUndefined()
  expect(changedOf({ ...base, manager: 'Cleo' }, texts)).toEqual({})
})
