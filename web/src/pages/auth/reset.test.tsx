// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'

import { Problem } from '../../api/problem'
import { completeReset, requestReset } from '../../api/session'
import auth from '../../locales/en/auth.json'
import common from '../../locales/en/common.json'
import { wordsOf } from '../../locales/wordsOf'
import { AskForReset } from './AskForReset'
import { SetPassword } from './SetPassword'

vi.mock('../../api/session', () => ({
  requestReset: vi.fn<() => Promise<unknown>>(),
  completeReset: vi.fn<() => Promise<unknown>>(),
}))

beforeAll(async () => {
  await wordsOf({ common, auth })
})
afterEach(cleanup)

function show(page: ReactNode) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
  render(<QueryClientProvider client={queryClient}>{page}</QueryClientProvider>)
}

function submit(label: string, text: string) {
  const field = screen.getByLabelText<HTMLInputElement>(label)
  fireEvent.change(field, { target: { value: text } })
  if (field.form) fireEvent.submit(field.form)
}

const refusal = (status: number, code: string, field?: string) =>
  new Problem({
    type: 'about:blank',
    title: code,
    status,
    code,
    errors: field ? [{ field, code: 'too_short', message: 'too short' }] : [],
  })

test('what is said after asking names the address and no account', async () => {
  vi.mocked(requestReset).mockResolvedValueOnce(undefined as never)
  show(<AskForReset />)
  submit('Mail address', ' ada@example.test ')
  const said = await screen.findByRole('status')
  expect(requestReset).toHaveBeenCalledWith('ada@example.test', expect.anything())
  expect(said.textContent).toContain('If there is an account with ada@example.test')
})

test('a password that is refused can be mended, and the link is still good', async () => {
  vi.mocked(completeReset)
    .mockRejectedValueOnce(refusal(422, 'invalid', 'new'))
    .mockResolvedValueOnce(undefined as never)
  show(<SetPassword token="t" />)
  submit('New password', 'short')
  await screen.findByRole('alert')
  submit('New password', 'a sentence that is long enough')
  await screen.findByRole('heading', { name: auth.reset.done })
  expect(completeReset).toHaveBeenLastCalledWith('t', 'a sentence that is long enough')
})

test('a spent link says so and leads to a new one', async () => {
  vi.mocked(completeReset).mockRejectedValueOnce(refusal(404, 'not_found'))
  show(<SetPassword token="t" />)
  submit('New password', 'a sentence that is long enough')
  await screen.findByRole('heading', { name: auth.reset.gone })
  const again = screen.getByRole('link', { name: auth.reset.again })
  expect(again.getAttribute('href')).toBe('/reset')
})
