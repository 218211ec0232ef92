import * as fc from 'fast-check'
import { encodeFrame, type WireFrame } from './web-socket-wire.js'

/** Bytes that follow a sound upgrade. */
export interface WireInput {
  listener: number
  /** Whether the connection is open, or still being opened or without a credential. */
  phase: 'authenticating' | 'opening' | 'open'
  frames: Buffer[]
}

/** A sound command with an id. */
export const PING_TEXT = '{"type":"ping","id":"1"}'

const controls = [0x8, 0x9, 0xa]
const opcodes = [0, 1, 1, 1, 2, ...controls, 3, 7, 0xb, 0xf]

const payload = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('{"type":"ping"}', PING_TEXT, '{').map((text) => Buffer.from(text)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(125, 126, 130, 16_384, 16_385)
      .map((length) => Buffer.alloc(length, 0x20)),
  },
  // A close code, valid or not, and what is no UTF-8 for a reason (RFC 6455 §7.4.1, §8.1).
  {
    weight: 1,
    arbitrary: fc
      .constantFrom([3, 232], [3, 237], [0, 0], [15, 160, 255], [3], [255, 254])
      .map((bytes) => Buffer.from(bytes)),
  },
)

const declared = fc.constantFrom(
  0n,
  1n,
  126n,
  65_536n,
  2n ** 31n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
)

/** Frames that are mostly right in all but one thing. */
const frame: fc.Arbitrary<Buffer> = fc
  .record({
    fin: fc.constantFrom(true, true, true, false),
    reserved: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat({ max: 7 })),
    opcode: fc.constantFrom(...opcodes),
    masked: fc.constantFrom(...Array.from({ length: 9 }, () => true), false),
    lengthBits: fc.constantFrom<WireFrame['lengthBits'][]>(7, 7, 7, 16, 64),
    declared: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, declared),
    payload,
  })
  .map(({ lengthBits, ...rest }) =>
    encodeFrame({
      ...rest,
      lengthBits: lengthBits === 7 && rest.payload.length > 125 ? 16 : lengthBits,
    }),
  )

/** A message in fragments, perhaps with something between that may or may not stand there (RFC 6455 §5.4). */
const fragments: fc.Arbitrary<Buffer> = fc
  .tuple(fc.array(payload, { minLength: 2, maxLength: 4 }), fc.constantFrom(1, 2), fc.option(frame))
  .map(([parts, opcode, between]) => {
    const encoded = parts.map((part, at) =>
      encodeFrame({
        fin: at === parts.length - 1,
        reserved: 0,
        opcode: at === 0 ? opcode : 0,
        masked: true,
        lengthBits: 16,
        declared: undefined,
        payload: part,
      }),
    )
    return Buffer.concat(between === null ? encoded : encoded.toSpliced(1, 0, between))
  })

const garbage = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes))

export const wires: fc.Arbitrary<WireInput> = fc.record({
  listener: fc.nat({ max: 49 }),
  phase: fc.constantFrom('authenticating', 'opening', 'open', 'open'),
  frames: fc.array(
    fc.oneof({ weight: 6, arbitrary: frame }, { weight: 2, arbitrary: fragments }, garbage),
    { minLength: 1, maxLength: 5, size: 'max' },
  ),
})
