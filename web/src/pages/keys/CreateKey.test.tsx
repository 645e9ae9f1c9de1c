// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { apiScopesQuery, createApiKey } from '../../api/apiKeys'
import { Problem } from '../../api/problem'
import common from '../../locales/en/common.json'
import keys from '../../locales/en/keys.json'
import { wordsOf } from '../../locales/wordsOf'
import CreateKey from './CreateKey'

vi.mock('../../api/apiKeys', async (original) => ({
  ...(await original<typeof import('../../api/apiKeys')>()),
  createApiKey: vi.fn<() => Promise<unknown>>(),
}))

beforeAll(async () => {
  await wordsOf({ common, keys })
  // The document of the tests has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= () => {}
})
beforeEach(() => void vi.mocked(createApiKey).mockReset())
afterEach(cleanup)

function fillIn() {
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
  queryClient.setQueryData(apiScopesQuery('north').queryKey, { items: ['funds:read', 'funds:write'] })
  render(
    <QueryClientProvider client={queryClient}>
      <CreateKey slug="north" onClose={() => {}} />
    </QueryClientProvider>,
  )
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: ' Nightly ' } })
  fireEvent.click(screen.getByLabelText(/funds:\s*read/))
  fireEvent.change(screen.getByLabelText('Ends'), { target: { value: 'never' } })
  const form = screen.getByLabelText<HTMLInputElement>('Name').form
  if (form) fireEvent.submit(form)
}

test('a key is asked for with the scopes that were ticked, and its token is shown', async () => {
  vi.mocked(createApiKey).mockResolvedValueOnce({ name: 'Nightly', token: 'uk_1' } as never)
  fillIn()
  expect((await screen.findByLabelText('API key')).textContent).toBe('uk_1')
  expect(screen.getByText(keys.create.forever)).toBeTruthy()
  expect(createApiKey).toHaveBeenCalledWith('north', {
    name: 'Nightly',
    role: 'member',
    scopes: ['funds:read'],
  })
})

test('a refusal keeps what was chosen', async () => {
  const refusal = new Problem({ type: 'about:blank', title: 'c', status: 409, code: 'conflict' })
  vi.mocked(createApiKey).mockRejectedValueOnce(refusal)
  fillIn()
  await screen.findByRole('alert')
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe(' Nightly ')
  expect(screen.getByLabelText<HTMLInputElement>(/funds:\s*read/).checked).toBe(true)
  expect(screen.queryByLabelText('API key')).toBeNull()
})
