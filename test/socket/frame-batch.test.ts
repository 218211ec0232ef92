import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameBatch } from '../../src/socket/frame-batch.js'
import { FakeSocket } from './fake-socket.js'

/** Frames as the server sends them, up to larger than an array may be, some with characters of several bytes. */
const frame = fc
  .tuple(fc.integer({ min: 0, max: 90_000 }), fc.constantFrom('x', 'ü', '…'))
  .map(([length, character]) => JSON.stringify({ type: 'test', body: character.repeat(length) }))

test('sends every frame once, in order, in arrays within their bounds', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
      const socket = new FakeSocket()
      const batch = new FrameBatch(socket, { arrays: true, hasRoom: () => true })
      for (const text of frames) batch.add(text)
      batch.flush()
      const parsed = socket.frames.map((text): unknown => JSON.parse(text))
      expect(parsed.flat()).toEqual(frames.map((text): unknown => JSON.parse(text)))
      const arrays = socket.frames.filter((text) => text.startsWith('['))
      const tooLarge = arrays.filter((text) => Buffer.byteLength(text) > 256 * 1024)
      expect(tooLarge).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('sends at most 64 frames in an array, and one alone as it is', () => {
  const socket = new FakeSocket()
  const batch = new FrameBatch(socket, { arrays: true, hasRoom: () => true })
  for (let count = 0; count < 65; count++) batch.add('{"type":"pong","payload":{}}')
  batch.flush()
  const parsed = socket.frames.map((text): unknown => JSON.parse(text))
  expect(parsed.map((value) => (Array.isArray(value) ? value.length : 1))).toEqual([64, 1])
  expect(Array.isArray(parsed[1])).toBe(false)
})

test.each([{ arrays: true }, { arrays: false }])(
  'takes no frame while the socket has no room, $arrays for arrays',
  ({ arrays }) => {
    const socket = new FakeSocket()
    const batch = new FrameBatch(socket, { arrays, hasRoom: () => socket.frames.length === 0 })
    const body = 'x'.repeat(200 * 1024)
    const first = batch.add(JSON.stringify({ type: 'test', body }))
    // Together they are too large for one array: the first goes out, and then there is no room.
    const second = batch.add(JSON.stringify({ type: 'test', body }))
    batch.flush()
    expect([first, second]).toEqual([true, false])
    expect(socket.frames).toHaveLength(1)
  },
)
