import { expect, test } from 'vitest'

import { pagesFor } from './destinations'

const ids = (role: 'owner' | 'admin' | 'member' | 'investor', areas?: string[]) =>
  pagesFor({ role }, areas && { areas }).map((page) => page.id)

test('a platform without funds lists no page of theirs', () => {
  expect(ids('owner', ['notes'])).toEqual(['members', 'keys', 'trail'])
  expect(ids('investor', ['notes'])).toEqual([])
})

test('with funds each role has its pages', () => {
  const funds = ['portfolio', 'funds', 'imports', 'investors', 'deleted', 'members']
  expect(ids('admin', ['funds'])).toEqual([...funds, 'keys', 'trail'])
  expect(ids('member', ['funds'])).toEqual(funds)
  expect(ids('investor', ['funds'])).toEqual(['portfolio', 'funds'])
})

test('what is not known is not hidden', () => {
  expect(ids('investor')).toEqual(['portfolio', 'funds'])
})

test('nobody has no pages', () => {
  expect(pagesFor(undefined, { areas: ['funds'] })).toEqual([])
})
