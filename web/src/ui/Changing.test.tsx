// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'

import { Changing } from './Changing'

afterEach(cleanup)
const glows = () => screen.getByTestId('cell').querySelector('.glow, .glow-again') !== null
const cell = (text: string, of: string | undefined) => (
  <div data-testid="cell">
    <Changing text={text} of={of} />
  </div>
)

test('what is shown for the first time does not glow, what changes in place does', () => {
  const { rerender } = render(cell('5', 'fund 1'))
  expect(glows()).toBe(false)
  rerender(cell('5', 'fund 1'))
  expect(glows()).toBe(false)
  rerender(cell('6', 'fund 1'))
  expect(glows()).toBe(true)
})

test('a second change begins anew', () => {
  const { rerender } = render(cell('5', 'fund 1'))
  rerender(cell('6', 'fund 1'))
  const first = screen.getByText('6').className
  rerender(cell('7', 'fund 1'))
  expect(screen.getByText('7').className).not.toBe(first)
  expect(glows()).toBe(true)
})

test('another question is no change', () => {
  const { rerender } = render(cell('5', 'fund 1'))
  rerender(cell('6', 'fund 2'))
  expect(glows()).toBe(false)
  rerender(cell('7', undefined))
  expect(glows()).toBe(false)
})
