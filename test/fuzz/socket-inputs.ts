import * as fc from 'fast-check'
import { almost, damaged, objectText, oddJson, randomJson, type Field } from './json-text.js'
import { markFields } from './mark-fields.js'
import { tokens, type People } from './people.js'

/** How far a connection has come when its frames are sent. */
type Phase = 'authenticating' | 'opening' | 'open'

/** One frame: text, bytes that go as text though they may be none, or binary. */
type FrameInput = { kind: 'text'; text: string } | { kind: 'damaged' | 'binary'; bytes: Buffer }

/** One connection of a device and what it says. */
export interface SocketInput {
  phase: Phase
  listener: number
  device: string
  batch: boolean
  start: 'stored' | 'latest' | 'stray'
  frames: FrameInput[]
}

const ids = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.string({ unit: 'binary', maxLength: 64 }),
  fc.constantFrom('x'.repeat(64), 'x'.repeat(65), '\ud800', '', '__proto__'),
)

const id = fc.oneof(
  { weight: 4, arbitrary: ids.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: oddJson },
)

const seq = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 12 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('-1', '0', '1.5', '9007199254740991', '1e400', '"1"') },
)

const payload = (fields: fc.Arbitrary<Field[]>): fc.Arbitrary<string> =>
  fc.oneof(fields, almost(fields)).map(objectText)

const typed = (type: string, content: fc.Arbitrary<string>): fc.Arbitrary<Field[]> =>
  fc
    .tuple(fc.option(id), content)
    .map(([given, json]): Field[] => [
      ['type', JSON.stringify(type)],
      ...(given === null ? [] : ([['id', given]] as const)),
      ['payload', json],
    ])

const subscription = fc.constantFrom('subscribe', 'unsubscribe')

/** Topics that some may subscribe to, and others. */
const topic = fc
  .constantFrom('news.sport', 'news.film', 'news', 'secret', 'news.*', '', 'a b', 'x'.repeat(129))
  .map((name): Field[] => [['topic', JSON.stringify(name)]])

/** A command: its type, often an id, and the payload that belongs to it or almost so. */
function command(people: People): fc.Arbitrary<Field[]> {
  const acknowledge = typed('ack', payload(seq.map((json): Field[] => [['seq', json]])))
  const token = tokens(people).map((text): Field[] => [['token', JSON.stringify(text)]])
  return fc.oneof(
    { weight: 8, arbitrary: acknowledge },
    { weight: 4, arbitrary: typed('ping', fc.constant('{}')) },
    { weight: 1, arbitrary: typed('authenticate', payload(token)) },
    { weight: 3, arbitrary: typed('mark', payload(markFields)) },
    { weight: 1, arbitrary: subscription.chain((type) => typed(type, payload(topic))) },
    { weight: 1, arbitrary: fc.constantFrom('mark', 'subscribe').chain((t) => typed(t, oddJson)) },
  )
}

/** Sessions that say little, so that few of their frames come after the one that ends them. */
const MOST_FRAMES = 9

export function sockets(people: People): fc.Arbitrary<SocketInput> {
  const commandText = command(people).map(objectText)
  const text = fc
    .oneof(
      { weight: 5, arbitrary: almost(command(people)).map(objectText) },
      { weight: 3, arbitrary: commandText },
      { weight: 3, arbitrary: randomJson },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
      { weight: 1, arbitrary: oddJson },
    )
    .map((text): FrameInput => ({ kind: 'text', text }))
  const damagedText = damaged(commandText).map((bytes): FrameInput => ({ kind: 'damaged', bytes }))
  const last = fc.oneof(
    { weight: 2, arbitrary: damagedText },
    {
      weight: 1,
      arbitrary: fc
        .uint8Array({ maxLength: 200 })
        .map((bytes): FrameInput => ({ kind: 'binary', bytes: Buffer.from(bytes) })),
    },
    {
      weight: 1,
      // At the edge of the largest frame and over it.
      arbitrary: fc
        .constantFrom(16_384, 16_385, 100_000)
        .map((length): FrameInput => ({ kind: 'text', text: ' '.repeat(length) })),
    },
  )
  const few = fc
    .tuple(
      fc.array(text, { minLength: 1, maxLength: MOST_FRAMES, size: 'max' }),
      fc.option(last, { freq: 2 }),
    )
    .map(([frames, end]) => (end === null ? frames : [...frames, end]))
  // Enough for the limit of commands a second, and for being closed over it.
  const many = fc.array(
    fc
      .oneof({ weight: 40, arbitrary: fc.constant('{"type":"ping"}') }, commandText)
      .map((text): FrameInput => ({ kind: 'text', text })),
    { minLength: 50, maxLength: 130, size: 'max' },
  )
  return fc.record({
    phase: fc.constantFrom('authenticating', 'opening', 'open', 'open', 'open'),
    listener: fc.nat({ max: 49 }),
    device: fc.nat({ max: 4 }).map((number) => `device-${number}`),
    batch: fc.boolean(),
    start: fc.constantFrom('stored', 'stored', 'latest', 'stray'),
    frames: fc.oneof({ weight: 60, arbitrary: few }, { weight: 1, arbitrary: many }),
  })
}
