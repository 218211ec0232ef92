import * as fc from 'fast-check'

/** A field of an object: its name, and its value as JSON text, so that it may be what no value of ours could be. */
export type Field = readonly [name: string, json: string]

/** Names that mean something to JavaScript, or to careless readers of JSON. */
const TRAPS = ['__proto__', 'constructor', 'prototype', 'toString', 'then', 'length', '', '\u0000']

const anyText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...TRAPS, '\ud800', 'x\udc00y', '\u202e', '\ufeff', '💣', 'null'),
)

const longText = fc
  .tuple(fc.constantFrom('x', 'é', '💣', '\\', '\u0000'), fc.constantFrom(64, 128, 255, 1_000))
  .chain(([unit, length]) => fc.constantFrom(0, 1).map((more) => unit.repeat(length + more)))

/** Values at the edge of what JSON can say and a program can hold. */
const EDGES = [
  'null true false "" [] {} [null] [[]] [{}] {"length":-1} {"toString":1} "\\ud800" "\\u0000"',
  '0 -0 -1 0.5 1e400 -1e400 1e-400 1e21 9007199254740993 2147483648 999999999999999',
  '{"__proto__":{"user":"u"}} {"constructor":{"prototype":{}}}',
  `1${'0'.repeat(400)}`,
].flatMap((texts) => texts.split(' '))

const nesting = fc
  .tuple(fc.constantFrom('[]', '{}'), fc.constantFrom(10, 63, 64, 65, 300, 3_000))
  .map(([kind, depth]) =>
    kind === '[]'
      ? '['.repeat(depth) + ']'.repeat(depth)
      : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  )

/** Any JSON, as text. */
export const randomJson = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
  .map((value) => JSON.stringify(value))

/** A value that whoever wrote the schema may not have thought of. */
export const oddJson = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 3, arbitrary: anyText.map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: randomJson },
  { weight: 1, arbitrary: longText.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: nesting },
)

const oddName = fc.oneof(fc.constantFrom(...TRAPS), fc.string({ maxLength: 8 }))

/** The text of an object; a name may stand in it twice. */
export function objectText(fields: readonly Field[]): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`
}

/** Objects that are almost those given: one field replaced, added, doubled or left out; a few as they are. */
export function almost(
  objects: fc.Arbitrary<Field[]>,
  odd: fc.Arbitrary<string> = oddJson,
): fc.Arbitrary<Field[]> {
  const change = fc.constantFrom('keep', 'replace', 'replace', 'replace', 'add', 'drop', 'double')
  return fc
    .tuple(objects, change, fc.nat({ max: 30 }), oddName, odd)
    .map(([fields, change, place, newName, json]) => {
      const at = fields.length === 0 ? 0 : place % fields.length
      const [name = newName] = fields[at] ?? []
      switch (change) {
        case 'keep':
          return fields
        case 'replace':
          return fields.with(at, [name, json])
        case 'add':
          return fields.toSpliced(at, 0, [newName, json])
        case 'drop':
          return fields.toSpliced(at, 1)
        case 'double':
          return [...fields, [name, json]]
      }
    })
}

/** Bytes as given but for one place: cut there, a bit flipped, a byte more or one less. */
export function damaged(whole: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(
      whole,
      fc.constantFrom('cut', 'flip', 'insert', 'remove'),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat({ max: 255 }),
    )
    .map(([text, way, place, byte]) => {
      const bytes = Buffer.from(text)
      const at = Math.floor(place * bytes.length)
      if (way === 'cut') return bytes.subarray(0, at)
      const rest = bytes.subarray(way === 'insert' ? at : at + 1)
      const here = way === 'flip' ? [(bytes[at] ?? 0) ^ (1 << (byte % 8))] : [byte]
      return Buffer.concat([
        bytes.subarray(0, at),
        way === 'remove' ? Buffer.alloc(0) : Buffer.from(here),
        rest,
      ])
    })
}
