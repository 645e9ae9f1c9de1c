import { expect, test } from 'vitest'

import { axisOf, heightOn, spread, yearTicks } from './scale'

test('an axis begins at zero and ends at a round figure that holds all', () => {
  expect(axisOf(['1', '7.5'])).toEqual({ min: '0', max: '8', ticks: ['0', '2', '4', '6', '8'] })
  expect(axisOf(['4840536383.00']).max).toBe('6000000000')
  expect(axisOf(['100']).ticks).toEqual(['0', '50', '100'])
  expect(axisOf([])).toEqual({ min: '0', max: '1', ticks: ['0', '1'] })
})

test('what is below zero is on the axis too, and takes no more room than it needs', () => {
  const { min, ticks } = axisOf(['-30', '100'])
  expect(min).toBe('-30')
  expect(ticks).toEqual(['0', '50', '100'])
  expect(axisOf(['-60', '100']).ticks).toEqual(['-50', '0', '50', '100'])
  expect(axisOf(['-8']).ticks).toEqual(['-8', '-6', '-4', '-2', '0'].slice(0, 5))
  expect(axisOf(['-0.5', '60000000000']).min).toBe('-1')
})

test('figures past what a float holds keep their place', () => {
  const axis = axisOf(['90000000000000000000.01'])
  expect(axis.max).toBe('100000000000000000000')
  expect(heightOn(axis, '50000000000000000000')).toBe(0.5)
})

test('a height is measured from the bottom of the axis', () => {
  const axis = axisOf(['-50', '100'])
  expect(heightOn(axis, axis.min)).toBeCloseTo(0)
  expect(heightOn(axis, axis.max)).toBeCloseTo(1)
  expect(heightOn(axisOf(['-8']), '0')).toBeCloseTo(1)
  expect(heightOn(axisOf([]), '0')).toBe(0)
})

test('years are as many as there is room for', () => {
  expect(yearTicks('2020-03-31', '2023-06-30', 8)).toEqual(['2021-01-01', '2022-01-01', '2023-01-01'])
  expect(yearTicks('1990-01-01', '2024-12-31', 4)).toEqual([
    '1990-01-01',
    '2000-01-01',
    '2010-01-01',
    '2020-01-01',
  ])
  expect(yearTicks('2024-03-31', '2024-06-30', 8)).toEqual([])
})

test('labels that would cover each other move apart and stay inside', () => {
  expect(spread([10, 12, 60], 16, 100)).toEqual([10, 26, 60])
  expect(spread([98, 99], 16, 100)).toEqual([84, 100])
  expect(spread([50, 40], 16, 100)).toEqual([56, 40])
})
