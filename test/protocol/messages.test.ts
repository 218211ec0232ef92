import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { formsOf, typeOf, type JsonSchema } from './json-type.js'
import { messageTables } from './message-tables.js'

const FILE = fileURLToPath(new URL('../../src/protocol/README.md', import.meta.url))

const [BEGIN, END] = ['<!-- messages -->\n', '<!-- /messages -->\n']

test('the tables of messages in the README are what the schemas say', async () => {
  const text = readFileSync(FILE, 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  expect([from > 0, to > from]).toEqual([true, true])
  const written = `${text.slice(0, from)}${BEGIN}\n${messageTables()}\n\n${text.slice(to)}`
  // Where this fails, a schema has changed: `npm run messages` writes the tables anew.
  await expect(written).toMatchFileSnapshot(FILE)
})

const schemaOf = (schema: z.ZodMiniType): JsonSchema => z.toJSONSchema(schema, { io: 'input' })

test.each<[z.ZodMiniType, string]>([
  [z.string(), 'string'],
  [z.int().check(z.minimum(1), z.maximum(9)), 'integer, at least 1 and at most 9'],
  [z.nullable(z.string()), 'string or null'],
  [z.literal('ping'), '`"ping"`'],
  [z.enum(['a', 'b']), '`"a"`, `"b"`'],
  [z.string().check(z.regex(/^(?:a|b)$/)), 'string, `^(?:a\\|b)$`'],
  [z.iso.datetime(), 'string (date-time)'],
  [z.array(z.boolean()).check(z.maxLength(3)), 'list of boolean, at most 3'],
  [z.unknown(), 'any JSON'],
  [z.object({}), 'object'],
])('writes a type as people read it (case %#)', (schema, words) => {
  expect(typeOf(schemaOf(schema))).toBe(words)
})

test('lists fields by their path, and which of them may be absent, for each form', () => {
  const schema = z.object({
    type: z.literal('x'),
    payload: z.union([
      z.object({ a: z.string(), inner: z.object({ b: z.optional(z.int()) }) }),
      z.object({ c: z.string(), a: z.optional(z.never()) }),
    ]),
  })
  const forms = formsOf(schemaOf(schema))
  expect(forms.map((fields) => fields.map(({ path, optional }) => [path, optional]))).toEqual([
    [
      ['type', false],
      ['payload.a', false],
      ['payload.inner.b', true],
    ],
    [
      ['type', false],
      ['payload.c', false],
    ],
  ])
})
