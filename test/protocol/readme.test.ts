import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Down } from '../../src/protocol/down/index.js'
import { ERRORS } from '../../src/protocol/errors.js'
import { parseUp, Up } from '../../src/protocol/up/index.js'

const prose = readFileSync(new URL('../../src/protocol/README.md', import.meta.url), 'utf8')

/** The text from a heading to the next of its level or above. */
function section(heading: string): string {
  const level = heading.indexOf(' ')
  const from = prose.indexOf(`\n${heading}\n`)
  expect([heading, from > 0]).toEqual([heading, true])
  const text = prose.slice(from + heading.length + 2)
  const end = text.search(new RegExp(`^#{1,${level}} `, 'm'))
  return end < 0 ? text : text.slice(0, end)
}

/** The cells of the tables in a text, without their heads. */
function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const rows = lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  const rule = rows.findIndex((cells) => cells.every((cell) => /^-+$/.test(cell)))
  return rows.slice(rule + 1)
}

/** The examples in a text, parsed. */
function examplesOf(text: string): unknown[] {
  return [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']): unknown =>
    JSON.parse(json),
  )
}

const JsonSchema = z.object({
  oneOf: z.array(
    z.object({
      properties: z.object({
        type: z.object({ const: z.string() }),
        payload: z.optional(z.looseObject({})),
      }),
    }),
  ),
})

/** Each message of a union, and the names of the fields of its payload, at whatever depth. */
function messagesOf(union: z.ZodMiniType): { type: string; fields: string[] }[] {
  return JsonSchema.parse(z.toJSONSchema(union)).oneOf.map(({ properties }) => ({
    type: properties.type.const,
    fields: fieldsOf(properties.payload),
  }))
}

function fieldsOf(schema: unknown): string[] {
  const Parts = z.object({
    properties: z.optional(z.record(z.string(), z.unknown())),
    anyOf: z.optional(z.array(z.unknown())),
  })
  const parsed = Parts.safeParse(schema)
  if (!parsed.success) return []
  const { properties = {}, anyOf = [] } = parsed.data
  return [
    ...Object.keys(properties),
    ...Object.values(properties).flatMap(fieldsOf),
    ...anyOf.flatMap(fieldsOf),
  ]
}

describe.each(messagesOf(Down))('`$type`, which the server says', ({ type, fields }) => {
  const text = section(`### From the server`)

  test('has a section that names each of its fields', () => {
    expect(text).toContain(`\n#### \`${type}\`\n`)
    const named = section(`#### \`${type}\``)
    expect(fields.filter((field) => !named.includes(`\`${field}\``))).toEqual([])
  })

  test('has an example that is right', () => {
    const examples = examplesOf(section(`#### \`${type}\``))
    expect(examples.length).toBeGreaterThan(0)
    // What comes back is what stands there: no field of an example is one that the schema does not know.
    for (const example of examples) {
      const parsed = Down.parse(example)
      expect(parsed.type).toBe(type)
      expect(parsed).toEqual(example)
    }
  })
})

describe.each(messagesOf(Up))('`$type`, which a client says', ({ type, fields }) => {
  test('has a section that names each of its fields', () => {
    expect(section(`### From the client`)).toContain(`\n#### \`${type}\`\n`)
    const named = section(`#### \`${type}\``)
    expect(fields.filter((field) => !named.includes(`\`${field}\``))).toEqual([])
  })

  test('has an example that is right', () => {
    const examples = examplesOf(section(`#### \`${type}\``))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      expect(parseUp(JSON.stringify(example))).toMatchObject({ kind: 'command', command: { type } })
      const { id, ...named } = z.looseObject({ id: z.string() }).parse(example)
      expect(id).toMatch(/./)
      expect(Up.parse(example)).toEqual(named)
    }
  })
})

test('no message has a section that does not exist, and no example stands elsewhere', () => {
  const types = [...messagesOf(Down), ...messagesOf(Up)].map(({ type }) => type)
  const headings = [...prose.matchAll(/^#### `(.*)`$/gm)].map(([, type = '']) => type)
  expect(headings.toSorted()).toEqual(types.toSorted())
  const inSections = types.flatMap((type) => examplesOf(section(`#### \`${type}\``)))
  expect(examplesOf(prose)).toHaveLength(inSections.length)
})

test('the table of errors is the table of the code', () => {
  const told = rowsOf(section('## Errors')).map(([code, status, close, again, when]) => {
    expect(when).toMatch(/\w/)
    return { code, status, close, again }
  })
  const known = Object.entries(ERRORS).map(([code, { status, close, retryable }]) => ({
    code: `\`${code}\``,
    status: String(status),
    close: close === null ? '–' : String(close),
    again: retryable ? 'yes' : 'no',
  }))
  expect(told).toEqual(known)
})

test('the table of closes has each close of an error, and says rightly whether to come again', () => {
  const closes = rowsOf(section('## Close codes')).flatMap(([codes = '', , again = '']) =>
    codes.split(', ').map((code): [number, string] => [Number(code), again]),
  )
  const again = new Map(closes)
  expect(again.size).toBe(closes.length)
  for (const { close, retryable } of Object.values(ERRORS)) {
    if (close === null) continue
    // A fresh token is another request: what was refused for its token is not to be sent again as it is.
    const expected = close === 4401 ? /^yes, with a fresh token$/ : retryable ? /^yes/ : /^no$/
    expect([close, again.get(close)]).toEqual([close, expect.stringMatching(expected)])
  }
})
