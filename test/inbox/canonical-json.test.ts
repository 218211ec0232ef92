import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/inbox/canonical-json.js'
import { drawSeed } from '../random.js'

/** JSON as it was read, with the names and values that a shortcut would confuse. Small, so that equals come up. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      -1,
      0.5,
      '',
      '0',
      '1',
      'a',
      'null',
      '[]',
      '{}',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(
        fc.tuple(
          fc.constantFrom('a', 'b', 'A', '', '0', '10', '9', 'fields', '__proto__', 'toJSON', 'é'),
          tie('value'),
        ),
        { maxLength: 4, selector: ([name]) => name },
      )
      // `fromEntries` makes `__proto__` a field like any other, as JSON.parse does.
      .map((entries): unknown => Object.fromEntries(entries)),
  ),
}))

/** The same value with the fields of each of its objects in another order. */
function respelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(respelled)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [name, respelled(field)] as const)
  return Object.fromEntries(fields.toReversed())
}

const parsed = (json: string): unknown => JSON.parse(json)

describe('canonicalJson', () => {
  const seed = drawSeed()

  test(`gives equal values equal texts, however their fields are ordered (SEED=${seed})`, () => {
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (value) => {
        expect(canonicalJson(respelled(value))).toBe(canonicalJson(value))
      }),
      { seed, numRuns: 2_000 },
    )
  })

  test(`gives two values the same text exactly where they are equal (SEED=${seed})`, () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(one, other))
      }),
      { seed, numRuns: 20_000 },
    )
  })

  test.each([
    ['an array of pairs and the object that they make', '[["a",1]]', '{"a":1}'],
    ['an empty array and an empty object', '[]', '{}'],
    ['an array and an object of its indices', '["a"]', '{"0":"a"}'],
    ['a wrapped object and a plain one', '{"fields":[["a",1]]}', '{"a":1}'],
    ['the order of an array', '[1,2]', '[2,1]'],
    ['a number and its text', '{"a":1}', '{"a":"1"}'],
    ['null and an absent field', '{"a":null}', '{}'],
    ['a field named __proto__ and none', '{"__proto__":{"a":1}}', '{}'],
    ['what __proto__ holds', '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ['case', '{"a":1}', '{"A":1}'],
    ['composed and decomposed letters', '"é"', '"e\\u0301"'],
    ['two lone surrogates', '"\\ud800"', '"\\ud801"'],
  ])('tells apart %s', (_what, one, other) => {
    expect(canonicalJson(parsed(one))).not.toBe(canonicalJson(parsed(other)))
  })

  test.each([
    ['the order of fields', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['the order of fields within arrays', '[{"a":1,"b":2}]', '[{"b":2,"a":1}]'],
    ['fields that look like numbers', '{"10":1,"9":2,"a":3}', '{"a":3,"9":2,"10":1}'],
    ['the place of __proto__', '{"__proto__":1,"a":2}', '{"a":2,"__proto__":1}'],
    ['white space and escapes', '{ "a" : "\\u0061" }', '{"a":"a"}'],
    ['how a number is spelled', '[1.0,1e2]', '[1,100]'],
  ])('does not tell apart by %s', (_what, one, other) => {
    expect(canonicalJson(parsed(one))).toBe(canonicalJson(parsed(other)))
  })
})
