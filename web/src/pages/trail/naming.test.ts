import { expect, test } from 'vitest'

import { detailText, namesOf, shortId, subjectOf } from './naming'

const actor = (id: string | null, name: string | null) => ({ actor: { kind: 'person', id, name } })

test('a subject is a kind and an id, or nothing', () => {
  expect(subjectOf({ subject: 'user/0192-ab' })).toEqual({ kind: 'user', id: '0192-ab' })
  expect(subjectOf({ subject: null })).toEqual({ kind: '', id: '' })
  expect(subjectOf({})).toEqual({ kind: '', id: '' })
})

test('a name of today goes before one that an entry remembers', () => {
  const names = namesOf(
    [{ id: 'a', name: 'Ada Okafor' }],
    [actor('a', 'Ada'), actor('b', 'Ben'), actor(null, null), actor('c', null)],
  )
  expect([...names]).toEqual([
    ['a', 'Ada Okafor'],
    ['b', 'Ben'],
  ])
})

test('an id that is long is told by its end', () => {
  expect(shortId('0192f0c1-0000-7000-8000-00000000abcd')).toBe('…0000abcd')
  expect(shortId('short')).toBe('short')
})

test('a detail is read on one line, whatever it is', () => {
  expect(detailText({ from: 'member', to: 'admin' })).toBe('from member, to admin')
  expect(detailText({ scopes: ['funds:read', 'tenant:read'], expires_at: null })).toBe(
    'scopes funds:read tenant:read',
  )
  expect(detailText({ invite: '0192f0c1-0000-7000-8000-00000000abcd', role: 'member' })).toBe(
    'invite …0000abcd, role member',
  )
  expect(detailText(null)).toBe('')
  expect(detailText(true)).toBe('true')
})
