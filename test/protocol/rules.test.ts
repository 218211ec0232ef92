import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RULES } from './rules/index.js'
import { titlesOf } from './rules/titles.js'

const prose = readFileSync(new URL('../../src/protocol/README.md', import.meta.url), 'utf8')

/** The labels of the prose, such as (M1), in the order in which they stand there first. */
const labels = [
  ...new Set([...prose.matchAll(/\(([A-Z]\d+)\)/g)].flatMap(([, label]) => label ?? [])),
]

const titlesByFile = new Map<string, Set<string>>()

function titlesOfFile(file: string): Set<string> {
  const known = titlesByFile.get(file)
  if (known) return known
  const titles = titlesOf(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))
  titlesByFile.set(file, titles)
  return titles
}

test('every rule of the prose has a row with a test, and every row is a rule of the prose', () => {
  expect(labels.length).toBeGreaterThan(60)
  expect(RULES.map(({ rule }) => rule).toSorted()).toEqual(labels.toSorted())
  for (const { rule, tests } of RULES) {
    const names = tests.flatMap(([, ...titles]) => titles)
    expect([rule, names.length > 0]).toEqual([rule, true])
  }
})

test('the rules of a family are numbered from 1, without a hole', () => {
  for (const family of new Set(labels.map((label) => label[0]))) {
    const numbers = labels
      .filter((label) => label[0] === family)
      .map((label) => Number(label.slice(1)))
      .toSorted((a, b) => a - b)
    expect([family, numbers]).toEqual([family, numbers.map((_number, index) => index + 1)])
  }
})

test.each(RULES)('$rule, $says: its tests are there, and run', ({ tests }) => {
  for (const [file, ...names] of tests) {
    const titles = titlesOfFile(file)
    const missing = names.filter((name) => !titles.has(name))
    expect([file, missing]).toEqual([file, []])
  }
})

test('a test that was renamed, skipped or deleted is not taken for one', () => {
  const source = `
    test('plain', () => {})
    test.each<[number]>([[1], [2]])('each (of %i)', () => { test('within', 1) })
    describe('a suite', () => test("within a suite", () => {}))
    describe.each([1])('suite %i', () => { test(\`in backticks\`, () => {}) })
    test.skip('skipped', () => {})
    test.todo('to do')
    test.skipIf(true)('skipped under a condition', () => {})
    test.skip.each([1])('skipped each', () => {})
    test.each([1]).skip('no way at all', () => {})
    describe.skip('a suite', () => { test('within what is skipped', () => {}) })
    // test('in a comment', () => {})
    const text = "test('in a text', () => {})"
    other('of another function', () => {})
  `
  expect([...titlesOf(source)]).toEqual(['plain', 'each (of %i)', 'within a suite'])
})
