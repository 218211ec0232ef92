import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { WIRE_REVISION } from '../../src/protocol/version.js'
import { describeWire, hashOf } from './wire.js'

/** The hash of each form of the wire that there has been. Lines are added, never changed. */
const HASHES: Readonly<Record<number, string>> = {
  1: '54b0253c45fdc6eb',
  2: '7f288b570c677427',
  3: '6e3110f390fe29dd',
  4: '025618d76c0a6f7f',
  5: '8c9beaa7b327eaa6',
  6: '136cdb7aaf86b230',
}

test('the wire is that of its revision', () => {
  // Where this fails: raise WIRE_REVISION, say in src/protocol/README.md what is new, and add the hash here.
  expect({ revision: WIRE_REVISION, hash: hashOf(describeWire()) }).toEqual({
    revision: WIRE_REVISION,
    hash: HASHES[WIRE_REVISION],
  })
})

test('the README says what each revision brought, the newest first', () => {
  const path = new URL('../../src/protocol/README.md', import.meta.url)
  const numbers = [...readFileSync(path, 'utf8').matchAll(/^- \*\*Revision (\d+)\*\*: ./gm)].map(
    ([, number]) => Number(number),
  )
  expect(numbers).toEqual(
    Array.from({ length: WIRE_REVISION }, (_, index) => WIRE_REVISION - index),
  )
})

test('the hash sees a field that is added, dropped, renamed, made optional or bounded otherwise', () => {
  const schemas = [
    z.object({ seq: z.int() }),
    z.object({ seq: z.int(), extra: z.string() }),
    z.object({}),
    z.object({ sequence: z.int() }),
    z.object({ seq: z.optional(z.int()) }),
    z.object({ seq: z.int().check(z.minimum(1)) }),
    z.strictObject({ seq: z.int() }),
    z.object({ seq: z.string().check(z.regex(/^[1-9]$/)) }),
    z.object({ seq: z.string().check(z.regex(/^[0-9]$/)) }),
    z.object({ seq: z.literal('ack') }),
    z.object({ seq: z.literal('acknowledge') }),
  ]
  const hashes = schemas.map((schema) => hashOf(z.toJSONSchema(schema, { io: 'input' })))
  expect(new Set(hashes).size).toBe(schemas.length)
})
