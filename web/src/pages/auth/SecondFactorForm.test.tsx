// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { Problem } from '../../api/problem'
import { answerChallenge } from '../../api/session'
import auth from '../../locales/en/auth.json'
import common from '../../locales/en/common.json'
import { wordsOf } from '../../locales/wordsOf'
import { SecondFactorForm } from './SecondFactorForm'

vi.mock('../../api/session', () => ({ answerChallenge: vi.fn<() => Promise<unknown>>() }))

beforeAll(async () => {
  await wordsOf({ common, auth })
})
beforeEach(() => void vi.mocked(answerChallenge).mockReset())
afterEach(cleanup)

const refusal = (code: string) => new Problem({ type: 'about:blank', title: code, status: 401, code })
const challenge = { second_factor: 'required', challenge: 'c', expires_at: '2026-01-01T00:00:00Z' }

function show() {
  const onEntered = vi.fn<() => void>()
  const onAgain = vi.fn<() => void>()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SecondFactorForm challenge={challenge} onEntered={onEntered} onAgain={onAgain} />
    </QueryClientProvider>,
  )
  return { onEntered, onAgain }
}

function send(label: string, text: string) {
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
  fireEvent.submit(screen.getByRole('form'))
}

test('a code that was pasted with a space is sent without it, and lets one in', async () => {
  vi.mocked(answerChallenge).mockResolvedValueOnce({} as never)
  const { onEntered } = show()
  expect(document.activeElement).toBe(screen.getByLabelText('Code'))
  send('Code', ' 123 456 ')
  await waitFor(() => expect(onEntered).toHaveBeenCalledOnce())
  expect(answerChallenge).toHaveBeenCalledWith('c', '123456')
})

test('a wrong code is said, and another may be tried', async () => {
  vi.mocked(answerChallenge).mockRejectedValueOnce(refusal('wrong_code')).mockResolvedValueOnce({} as never)
  const { onEntered } = show()
  send('Code', '000000')
  expect((await screen.findByRole('alert')).textContent).toContain(common.problem.wrong_code.title)
  expect(onEntered).not.toHaveBeenCalled()
  send('Code', '111111')
  await waitFor(() => expect(onEntered).toHaveBeenCalledOnce())
})

test('a spent challenge asks for no more codes and leads back to the password', async () => {
  vi.mocked(answerChallenge).mockRejectedValueOnce(refusal('unauthenticated'))
  const { onAgain } = show()
  send('Code', '000000')
  expect((await screen.findByRole('alert')).textContent).toContain(auth.factor.late)
  expect(screen.queryByLabelText('Code')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: auth.factor.again }))
  expect(onAgain).toHaveBeenCalledOnce()
})

test('a recovery code is sent as it is written', async () => {
  vi.mocked(answerChallenge).mockResolvedValueOnce({} as never)
  show()
  fireEvent.click(screen.getByRole('button', { name: auth.factor.useRecovery }))
  send('Recovery code', 'abcd-efgh-2345-6723')
  await waitFor(() => expect(answerChallenge).toHaveBeenCalledWith('c', 'abcd-efgh-2345-6723'))
})
