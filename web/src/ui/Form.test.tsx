// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'

import { Problem } from '../api/problem'
import common from '../locales/en/common.json'
import { wordsOf } from '../locales/wordsOf'
import { TextField } from './Field'
import { fieldError, Form } from './Form'

beforeAll(async () => {
  await wordsOf({ common })
})
afterEach(cleanup)

const refused = new Problem({
  type: 'about:blank',
  title: 'Invalid',
  status: 422,
  code: 'invalid',
  instance: 'req-1',
  errors: [{ field: 'email', code: 'invalid', message: 'not a mail address' }],
})

function Example({
  problem,
  onSubmit,
}: {
  problem: Problem | null
  onSubmit: (values: FormData) => void
}) {
  return (
    <Form onSubmit={onSubmit} problem={problem}>
      <TextField name="email" label="Mail" error={fieldError(problem, 'email')} />
    </Form>
  )
}

test('a refusal takes the focus, names the field, and loses nothing', () => {
  const { rerender } = render(<Example problem={null} onSubmit={() => {}} />)
  const field = screen.getByLabelText<HTMLInputElement>('Mail')
  fireEvent.change(field, { target: { value: 'nobody' } })
  rerender(<Example problem={refused} onSubmit={() => {}} />)

  expect(document.activeElement).toBe(screen.getByRole('alert'))
  expect(field.value).toBe('nobody')
  expect(field.getAttribute('aria-invalid')).toBe('true')
  fireEvent.click(screen.getByRole('button', { name: 'not a mail address' }))
  expect(document.activeElement).toBe(field)
})

test('a problem gives the code and the request id to copy', () => {
  render(<Example problem={refused} onSubmit={() => {}} />)
  expect(screen.getByText('invalid req-1')).toBeTruthy()
  expect(screen.getByText(common.problem.invalid.title)).toBeTruthy()
})

test('the values are given as they were typed', () => {
  const onSubmit = vi.fn<(values: FormData) => void>()
  const { container } = render(<Example problem={null} onSubmit={onSubmit} />)
  fireEvent.change(screen.getByLabelText('Mail'), { target: { value: ' a@b.test' } })
  fireEvent.submit(container.querySelector('form') ?? container)
  expect(onSubmit.mock.calls[0]?.[0].get('email')).toBe(' a@b.test')
})
