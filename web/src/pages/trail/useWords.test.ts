// @vitest-environment happy-dom
import { cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeAll, expect, test } from 'vitest'

import type { TrailEntry } from '../../api/types'
import trail from '../../locales/en/trail.json'
import { wordsOf } from '../../locales/wordsOf'
import { useWords } from './useWords'

beforeAll(async () => {
  await wordsOf({ trail })
})
afterEach(cleanup)

const LONG = '0192f0c1-0000-7000-8000-00000000abcd'
const names = new Map([['a', 'Ada Okafor']])
const words = () => renderHook(() => useWords(names)).result.current
const entry = (change: Partial<TrailEntry>): TrailEntry => ({
  seq: '1',
  at: '2026-01-01T00:00:00Z',
  actor: { kind: 'person', id: 'a', name: 'Ada Okafor' },
  action: 'member.removed',
  hash: '',
  ...change,
})

const by = (actor: TrailEntry['actor']) => words().actor(entry({ actor }))
const to = (subject: string | null) => words().subject(entry({ subject }))

test('a person is told by name, and the platform says on whose behalf it acts', () => {
  expect(by({ kind: 'person', id: 'a', name: null })).toBe('Ada Okafor')
  expect(by({ kind: 'service', id: 'a', name: 'Ada Okafor' })).toBe('Platform, for Ada Okafor')
  expect(by({ kind: 'operator', id: null, name: null })).toBe('Operator')
  expect(by({ kind: 'person', id: LONG, name: null })).toBe('Person …0000abcd')
})

test('an act of a newer server is shown as it is called', () => {
  expect(words().act(entry({}))).toBe('Member removed')
  expect(words().act(entry({ action: 'fund.sold' }))).toBe('fund.sold')
})

test('whom it was done to is a name where it is known, and else a kind and an id', () => {
  expect(to('user/a')).toBe('Ada Okafor')
  expect(to(`invite/${LONG}`)).toBe('Invite …0000abcd')
  expect(to('thing/1')).toBe('thing 1')
  expect(to(null)).toBe('')
})
