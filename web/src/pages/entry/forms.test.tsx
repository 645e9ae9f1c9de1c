// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'

import { offline, Problem } from '../../api/problem'
import type { Base } from './guarded'
import { useCreate } from './useCreate'
import { useGuardedForm } from './useGuardedForm'

type Fund = { name: string; manager: string }

afterEach(cleanup)
const queryClient = new QueryClient()
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
)
const refusal = (status: number, code: string) =>
  new Problem({ type: 'about:blank', title: code, status, code })

function guarded(now: Base<Fund>) {
  const send = vi.fn<(etag: string, texts: Fund, changed: Partial<Fund>) => Promise<void>>()
  const onDone = vi.fn<(sent: boolean) => void>()
  const base = { texts: { name: 'Harbor I', manager: 'Ada' }, etag: '"1"' }
  const hook = renderHook(
    () => useGuardedForm<Fund>({ base, read: async () => now, send, onDone }),
    { wrapper },
  )
  return { hook, send, onDone }
}

test('what was changed is sent on the condition that nobody else did', async () => {
  const { hook, send, onDone } = guarded({ texts: { name: '', manager: '' }, etag: '' })
  send.mockResolvedValue()
  act(() => hook.result.current.set('manager', 'Ben'))
  act(() => hook.result.current.submit())
  await waitFor(() => expect(onDone).toHaveBeenCalledWith(true))
  expect(send).toHaveBeenCalledWith('"1"', { name: 'Harbor I', manager: 'Ben' }, { manager: 'Ben' })
})

test('when somebody else did, it says what, keeps what was typed, and sends again by the new tag', async () => {
  const now = { texts: { name: 'Harbor One', manager: 'Cleo' }, etag: '"2"' }
  const { hook, send, onDone } = guarded(now)
  send.mockRejectedValueOnce(refusal(412, 'version_conflict')).mockResolvedValueOnce()
  act(() => hook.result.current.set('manager', 'Ben'))
  act(() => hook.result.current.submit())
  await waitFor(() => expect(hook.result.current.problem?.code).toBe('version_conflict'))
  expect(onDone).not.toHaveBeenCalled()
  expect(hook.result.current.texts).toEqual({ name: 'Harbor One', manager: 'Ben' })
  expect(hook.result.current.conflicts).toEqual([
    { field: 'name', was: 'Harbor I', now: 'Harbor One', yours: undefined },
    { field: 'manager', was: 'Ada', now: 'Cleo', yours: 'Ben' },
  ])
  act(() => hook.result.current.submit())
  await waitFor(() => expect(onDone).toHaveBeenCalledWith(true))
  expect(send).toHaveBeenLastCalledWith('"2"', expect.anything(), { manager: 'Ben' })
})

test('after a lost answer our own change is no quarrel', async () => {
  const { hook, send, onDone } = guarded({
    texts: { name: 'Harbor I', manager: 'Ben' },
    etag: '"2"',
  })
  send.mockRejectedValueOnce(offline()).mockRejectedValueOnce(refusal(412, 'version_conflict'))
  act(() => hook.result.current.set('manager', 'Ben'))
  act(() => hook.result.current.submit())
  await waitFor(() => expect(hook.result.current.problem?.code).toBe('offline'))
  expect(hook.result.current.texts.manager).toBe('Ben')
  act(() => hook.result.current.submit())
  await waitFor(() => expect(onDone).toHaveBeenCalledWith(false))
})

test('nothing changed is nothing sent', async () => {
  const { hook, send, onDone } = guarded({ texts: { name: '', manager: '' }, etag: '' })
  act(() => hook.result.current.submit())
  await waitFor(() => expect(onDone).toHaveBeenCalledWith(false))
  expect(send).not.toHaveBeenCalled()
})

test('a form keeps its key over retries of the same input and takes another for another', async () => {
  const send = vi.fn<(key: string, body: { name: string }) => Promise<string>>()
  const onDone = vi.fn<(made: string) => void>()
  const { result } = renderHook(() => useCreate({ send, onDone }), { wrapper })
  const submit = async (name: string) => {
    act(() => result.current.submit(() => ({ name })))
    await waitFor(() => expect(result.current.busy).toBe(false))
  }
  send.mockRejectedValueOnce(offline())
  await submit('A')
  await waitFor(() => expect(result.current.problem?.code).toBe('offline'))
  send.mockRejectedValueOnce(refusal(409, 'name_taken'))
  await submit('A')
  await waitFor(() => expect(result.current.problem?.code).toBe('name_taken'))
  send.mockResolvedValueOnce('made')
  await submit('B')
  await waitFor(() => expect(onDone).toHaveBeenCalledWith('made'))
  const keys = send.mock.calls.map(([key]) => key)
  expect(keys[0]).toBe(keys[1])
  expect(keys[2]).not.toBe(keys[0])
})

test('a field that cannot be read is told without sending anything', async () => {
  const send = vi.fn<(key: string, body: string) => Promise<string>>()
  const { result } = renderHook(() => useCreate({ send, onDone: () => {} }), { wrapper })
  act(() =>
    result.current.submit(() => {
      throw refusal(422, 'invalid')
    }),
  )
  await waitFor(() => expect(result.current.problem?.code).toBe('invalid'))
  expect(send).not.toHaveBeenCalled()
})
