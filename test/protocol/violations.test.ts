import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Violation } from '../../src/protocol/errors.js'
import { parse } from '../../src/protocol/violations.js'

function violations(schema: z.ZodMiniType, input: unknown): Violation[] {
  const parsed = parse(schema, input)
  if ('value' in parsed) throw new Error('the input was taken')
  return z.array(Violation).parse(parsed.violations)
}
const pointers = (schema: z.ZodMiniType, input: unknown): string[] =>
  violations(schema, input).map(({ pointer }) => pointer)

test('gives the value where there is nothing wrong', () => {
  expect(parse(z.object({ a: z.int() }), { a: 1, b: 2 })).toEqual({ value: { a: 1 } })
})

test.each([
  ['a/b', '/a~1b'],
  ['a~b', '/a~0b'],
  ['~1', '/~01'],
  ['~/', '/~0~1'],
  ['', '/'],
  [' ', '/ '],
  ['ä"\\', '/ä"\\'],
  ['__proto__', '/__proto__'],
])('points at the field %j by %j (RFC 6901 §3)', (name, pointer) => {
  const object: unknown = JSON.parse(`{${JSON.stringify(name)}:1}`)
  expect(pointers(z.strictObject({}), object)).toEqual([pointer])
})

test('points into arrays and objects, and at the whole by an empty pointer', () => {
  const schema = z.object({ list: z.array(z.object({ 'a/b': z.int() })) })
  expect(pointers(schema, { list: [{ 'a/b': 1 }, { 'a/b': '1' }] })).toEqual(['/list/1/a~1b'])
  expect(pointers(schema, 5)).toEqual([''])
})

test('tells what is absent from what has the wrong type', () => {
  const schema = z.object({ a: z.string(), b: z.string(), c: z.string() })
  expect(violations(schema, { b: null, c: 5 }).map(({ code }) => code)).toEqual([
    'required',
    'invalid_type',
    'invalid_type',
  ])
})

test('calls an absent field absent where it has one of some values, too', () => {
  const schema = z.object({ kind: z.enum(['one', 'two']), sure: z.literal(true) })
  expect(violations(schema, {})).toEqual(
    ['/kind', '/sure'].map((pointer) => ({
      pointer,
      code: 'required',
      detail: 'this field is required',
    })),
  )
})

test('says what would be right', () => {
  const schema = z.object({
    kind: z.enum(['one', 'two']),
    low: z.int().check(z.minimum(3)),
    high: z.int().check(z.maximum(5)),
    text: z.string(),
    own: z.string().check(z.regex(/^x$/, 'must be x')),
  })
  const input = { kind: 'three', low: 2, high: 6, text: 5, own: 'y' }
  expect(violations(schema, input).map(({ detail }) => detail)).toEqual([
    'must be one of one, two',
    'must be at least 3',
    'must be at most 5',
    'must be of type string',
    'must be x',
  ])
})

test('speaks of the branch of a union that the caller came closest to', () => {
  const schema = z.union([
    z.strictObject({ a: z.string(), b: z.string() }),
    z.strictObject({ c: z.string() }),
  ])
  expect(violations(schema, { c: 5 })).toMatchObject([{ pointer: '/c', code: 'invalid_type' }])
})

test('does not take a value that is absent for one that is nearly right', () => {
  const schema = z.union([
    z.strictObject({ name: z.string().check(z.minLength(3)) }),
    z.strictObject({ all: z.literal(true) }),
  ])
  expect(violations(schema, { name: 'a' })).toMatchObject([{ pointer: '/name' }])
  expect(violations(schema, { all: 1 })).toMatchObject([{ pointer: '/all', code: 'invalid_value' }])
  expect(violations(schema, {})).toMatchObject([{ pointer: '/name', code: 'required' }])
})
