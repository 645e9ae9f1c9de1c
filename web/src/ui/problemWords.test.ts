import type { TFunction } from 'i18next'
import { describe, expect, test } from 'vitest'

import { Problem } from '../api/problem'
import { problemWords } from './problemWords'

const t = ((key: string, values?: Record<string, string>) =>
  values ? `${key} ${JSON.stringify(values)}` : key) as TFunction<'common'>
const seconds = (count: number) => `${count} s`
const body = { type: 'about:blank', title: 'The title', status: 409, code: 'new_code' }

describe('the words of a problem', () => {
  test('come from the catalogue when its code is known', () => {
    const words = problemWords(new Problem({ ...body, code: 'conflict' }), t, () => true, seconds)
    expect(words).toEqual({ title: 'problem.conflict.title', next: 'problem.conflict.next' })
  })
  test('come from the server when it is newer than the console', () => {
    const problem = new Problem({ ...body, detail: 'The detail' })
    expect(problemWords(problem, t, () => false, seconds)).toEqual({
      title: 'The title',
      next: 'The detail',
    })
  })
  test('say for how long to wait', () => {
    const problem = new Problem({ ...body, code: 'rate_limited' }, 45)
    expect(problemWords(problem, t, () => true, seconds).next).toContain('45 s')
  })
})
