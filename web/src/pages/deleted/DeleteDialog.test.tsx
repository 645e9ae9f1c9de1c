// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { deleteThing, restoreThing } from '../../api/deleted'
import { deploymentQuery } from '../../api/deployment'
import { Problem } from '../../api/problem'
import common from '../../locales/en/common.json'
import deleted from '../../locales/en/deleted.json'
import { wordsOf } from '../../locales/wordsOf'
import { toasts } from '../../ui/toasts'
import DeleteDialog from './DeleteDialog'

vi.mock('../../api/deleted', async (original) => ({
  ...(await original<typeof import('../../api/deleted')>()),
  deleteThing: vi.fn(),
  restoreThing: vi.fn(),
}))

beforeAll(async () => {
  await wordsOf({ common, deleted })
  // The document of the tests has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= () => {}
})
beforeEach(() => {
  vi.mocked(deleteThing).mockReset().mockResolvedValue()
  vi.mocked(restoreThing).mockReset().mockResolvedValue()
  toasts.set(() => [])
})
afterEach(cleanup)

const FUND = { kind: 'fund' as const, id: '1', name: 'Harbor I' }

const button = () => screen.getByText<HTMLButtonElement>('Delete', { selector: 'button' })

function ask(allocations: number) {
  const queryClient = new QueryClient()
  queryClient.setQueryData(deploymentQuery.queryKey, { deleted_days: 30 } as never)
  const onDone = vi.fn()
  const readTag = vi.fn(async (again: boolean) => (again ? '"2"' : '"1"'))
  render(
    <QueryClientProvider client={queryClient}>
      <DeleteDialog
        slug="demo"
        thing={{ ...FUND, allocations }}
        readTag={readTag}
        onDone={onDone}
        onClose={() => {}}
      />
    </QueryClientProvider>,
  )
  return { onDone }
}

test('it says what goes and for how long, deletes by the tag, and offers the way back', async () => {
  const { onDone } = ask(3)
  expect(screen.getByText(/its 3 allocations .* For 30 days/)).toBeTruthy()
  fireEvent.click(button())
  await waitFor(() => expect(onDone).toHaveBeenCalled())
  expect(deleteThing).toHaveBeenCalledWith('demo', expect.objectContaining(FUND), '"1"')
  const [said] = toasts.get()
  expect(said?.text).toBe('Harbor I was deleted')
  said?.action?.run()
  await waitFor(() => expect(toasts.get().at(-1)?.text).toContain('is back'))
  expect(restoreThing).toHaveBeenCalledWith('demo', expect.objectContaining(FUND), expect.any(String))
})

test('many go only after the name of the fund was typed', () => {
  ask(11)
  expect(button().disabled).toBe(true)
  fireEvent.change(screen.getByRole('textbox', { hidden: true }), { target: { value: 'Harbor I' } })
  expect(button().disabled).toBe(false)
})

test('what somebody changed meanwhile is deleted only by a decision of its own', async () => {
  const conflict = { type: 'about:blank', title: 'x', status: 412, code: 'version_conflict' }
  vi.mocked(deleteThing).mockRejectedValueOnce(new Problem(conflict))
  const { onDone } = ask(1)
  fireEvent.click(button())
  await screen.findByText(common.problem.version_conflict.title)
  expect(onDone).not.toHaveBeenCalled()
  fireEvent.click(button())
  await waitFor(() => expect(onDone).toHaveBeenCalled())
  expect(deleteThing).toHaveBeenLastCalledWith('demo', expect.anything(), '"2"')
})
