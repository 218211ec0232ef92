import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cutAt,
  FrameArrayBuilder,
  framesIn,
  MAX_ARRAY_BYTES,
  sizeOf,
  type FrameArray,
} from '../../../src/inbox/stores/frame-array.js'
import { textsIn } from '../../told-entries.js'

/** Frames as the server sends them, up to larger than an array may be, some with characters of several bytes. */
const frame = fc
  .tuple(fc.integer({ min: 0, max: 90_000 }), fc.constantFrom('x', 'ü', '…'))
  .map(([length, character]) => JSON.stringify({ type: 'test', body: character.repeat(length) }))

/** All frames, in as many arrays as they need; their `seq` are 10, 20, … */
function join(frames: readonly string[]): FrameArray[] {
  const arrays: FrameArray[] = []
  let builder = new FrameArrayBuilder()
  for (const [index, text] of frames.entries()) {
    const seq = 10 * (index + 1)
    if (builder.add(seq, text)) continue
    arrays.push(builder.build())
    builder = new FrameArrayBuilder()
    expect(builder.add(seq, text)).toBe(true)
  }
  return [...arrays, builder.build()]
}

const parsed = ({ bytes }: FrameArray): unknown => JSON.parse(new TextDecoder().decode(bytes))

test('holds every frame once, in order, within its bounds', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 20 }), (frames) => {
      const arrays = join(frames)
      expect(textsIn(arrays)).toEqual(frames)
      expect(arrays.flatMap(parsed)).toEqual(frames.map((text): unknown => JSON.parse(text)))
      expect(arrays.flatMap(({ seqs }) => seqs)).toEqual(frames.map((_, index) => 10 * (index + 1)))
      for (const { bytes, seqs } of arrays) {
        expect(bytes.length <= MAX_ARRAY_BYTES || seqs.length === 1).toBe(true)
        // It may be handed over, so nothing else lies there.
        expect(bytes.buffer.byteLength).toBe(bytes.length)
      }
    }),
    { numRuns: 40 },
  )
})

test('has room for 64 frames', () => {
  const arrays = join(Array.from({ length: 65 }, () => '{"type":"pong","payload":{}}'))
  expect(arrays.map(({ seqs }) => seqs.length)).toEqual([64, 1])
})

test('has room for exactly 256 KiB', () => {
  const half = JSON.stringify('x'.repeat(MAX_ARRAY_BYTES / 2 - 3))
  const [array] = join([half, half.replace('x', '')])
  expect(array?.bytes.length).toBe(MAX_ARRAY_BYTES)
  expect(join([half, half])).toHaveLength(2)
})

test('is cut behind the frame that takes it to a size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('1', '22', '333', '"ü"'), { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 50 }),
      (frames, size) => {
        const [array] = join(frames)
        if (!array) throw new Error('there is no array')
        const cut = cutAt(array, size)
        const texts = textsIn([cut])
        expect(texts).toEqual(frames.slice(0, texts.length))
        expect(parsed(cut)).toEqual(texts.map((text): unknown => JSON.parse(text)))
        expect(cut.seqs).toEqual(array.seqs.slice(0, texts.length))
        expect(cut.bytes.buffer.byteLength).toBe(cut.bytes.length)
        const before = sizeOf(cut.ends.slice(0, -1))
        expect(before).toBeLessThan(size)
        expect(sizeOf(cut.ends) >= size || texts.length === frames.length).toBe(true)
        expect(sizeOf(cut.ends)).toBe(Buffer.byteLength(texts.join('')))
      },
    ),
  )
})

test('an array of none has no frames', () => {
  const array = new FrameArrayBuilder().build()
  expect([parsed(array), framesIn(array), sizeOf(array.ends)]).toEqual([[], [], 0])
})
