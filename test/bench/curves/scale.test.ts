import { expect, test } from 'vitest'
import { label, linearScale, logScale } from './scale.js'

test('a linear scale begins with nothing and ends with a round number above all', () => {
  const { place, ticks } = linearScale([500, 12_000])
  expect(ticks).toEqual([0, 5_000, 10_000, 15_000])
  expect(place(0)).toBe(0)
  expect(place(7_500)).toBe(0.5)
  expect(place(15_000)).toBe(1)
})

test('a linear scale ends with the highest value where that is round', () => {
  expect(linearScale([10_000]).ticks).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000])
  expect(linearScale([0.5]).ticks.at(-1)).toBeCloseTo(0.5)
})

test('a logarithmic scale gives each factor as much room', () => {
  const { place, ticks } = logScale([10_000, 10_000_000])
  expect(ticks).toEqual([10_000, 100_000, 1_000_000, 10_000_000])
  expect(place(10_000)).toBe(0)
  expect(place(100_000)).toBeCloseTo(1 / 3)
  expect(place(10_000_000)).toBe(1)
})

test('a short logarithmic scale names what lies between the tens too', () => {
  expect(logScale([24, 900]).ticks).toEqual([20, 50, 100, 200, 500, 1_000])
  expect(logScale([0.3, 4]).ticks).toEqual([0.2, 0.5, 1, 2, 5])
})

test('a logarithmic scale of one value does not divide by nothing', () => {
  const { place, ticks } = logScale([100])
  expect(ticks).toEqual([100])
  expect(place(100)).toBe(0)
})

test('values are named shortly', () => {
  expect([0.5, 50, 999.4, 5_000, 100_000, 1_000_000, 2_500_000].map(label)).toEqual([
    '0.5',
    '50',
    '999',
    '5,000',
    '100,000',
    '1 M',
    '2.5 M',
  ])
})
