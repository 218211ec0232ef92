import { expect, test } from 'vitest'
import { FULL, QUICK } from './effort.js'
import { readOptions } from './options.js'

test('without words every scenario is measured at length but the hostile one', () => {
  const { names, json, effort } = readOptions([])
  expect(names).toContain('accept')
  expect(names).not.toContain('hostile')
  expect(json).toBe(false)
  expect(effort).toEqual(FULL)
})

test('scenarios are selected by their names, in the order given', () => {
  expect(readOptions(['storm', 'hostile', 'accept']).names).toEqual(['storm', 'hostile', 'accept'])
})

test('a quick run may have other rounds', () => {
  expect(readOptions(['--quick', '--json'])).toMatchObject({ json: true, effort: QUICK })
  expect(readOptions(['--quick', '--rounds', '7']).effort).toEqual({ ...QUICK, rounds: 7 })
})

test('a scenario that is not there is refused with those that are', () => {
  expect(() => readOptions(['nothing'])).toThrow(/no scenario nothing: .*\[accept\]/)
  expect(() => readOptions(['toString'])).toThrow(/no scenario toString/)
})

test.each(['0', '101', '1.5', 'many', ''])('%j rounds are refused', (rounds) => {
  expect(() => readOptions(['--rounds', rounds])).toThrow('from 1 to 100')
})

test('charts are drawn in place of a table, and of no scenario by itself', () => {
  expect(readOptions(['--charts', '--quick'])).toMatchObject({ charts: true, effort: QUICK })
  expect(readOptions([]).charts).toBe(false)
  expect(() => readOptions(['--charts', 'accept'])).toThrow('--charts takes no scenario')
  expect(() => readOptions(['--charts', '--json'])).toThrow('--charts takes no scenario')
})
