// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, test } from 'vitest'

import { trailProofQuery } from '../../api/trail'
import type { TrailProof } from '../../api/types'
import common from '../../locales/en/common.json'
import trail from '../../locales/en/trail.json'
import { wordsOf } from '../../locales/wordsOf'
import { BrokenChain, ProofBadge } from './ProofBadge'

beforeAll(async () => {
  await wordsOf({ common, trail })
})
afterEach(cleanup)

function show(proof?: TrailProof) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
  if (proof) queryClient.setQueryData(trailProofQuery('north').queryKey, proof)
  render(
    <QueryClientProvider client={queryClient}>
      <ProofBadge slug="north" />
      <BrokenChain slug="north" />
    </QueryClientProvider>,
  )
}

const none = { entries: null, head: null, broken_at: null, fault: null }

test('a whole chain is counted', () => {
  show({ ...none, whole: true, entries: '12', head: 'ab' })
  expect(screen.getByRole('status').textContent).toBe('Whole: 12 entries')
  expect(screen.queryByRole('alert')).toBeNull()
})

test('a broken chain names the first bad entry, what is wrong with it and what to do', () => {
  show({ ...none, whole: false, broken_at: '7', fault: 'missing' })
  expect(screen.getByRole('status').textContent).toBe('Broken at entry 7')
  const alert = screen.getByRole('alert').textContent
  expect(alert).toContain('Entry 7 is gone.')
  expect(alert).toContain(trail.proof.next)
})

test('what was not read is not called whole', () => {
  show()
  expect(screen.getByRole('status').textContent).toBe('Not verified')
})
