// Frames that no client sends: RFC 6455 §5 and §7.4, §10.4, and what follows from them by §10.7.

import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { encodeFrame, type WireFrame } from '../fuzz/web-socket-wire.js'
import { upgradeText } from '../http/raw.js'
import { useService } from '../use-service.js'

const alice = useService()

const frame = (own: Partial<WireFrame>): Buffer =>
  encodeFrame({
    fin: true,
    reserved: 0,
    opcode: 1,
    masked: true,
    lengthBits: 7,
    declared: undefined,
    payload: Buffer.from('{}'),
    ...own,
  })

/** A connection of alice by bytes, and all that came when it is over. */
function dial(headers: string[] = []): { socket: Socket; ended: Promise<Buffer> } {
  const { service, token } = alice()
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => undefined)
  socket.write(upgradeText('raw', [`Authorization: Bearer ${token}`, ...headers]))
  const ended = new Promise<Buffer>((resolve) =>
    socket.once('close', () => resolve(Buffer.concat(parts))),
  )
  return { socket, ended }
}

/** The code of the close frame with which a text ends; frames of a server are not masked. */
function closeCode(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n') + 4
  let at = head
  while (at + 1 < bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f
    const short = bytes[at + 1] ?? 0
    const [skip, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))]
    if (opcode === 8) return bytes.readUInt16BE(at + skip)
    at += skip + length
  }
  return undefined
}

const LONG = Buffer.alloc(126)

const ROWS: [string, number, () => Buffer[]][] = [
  ['a frame without a mask (§5.1)', 1002, () => [frame({ masked: false })]],
  ...[1, 2, 4, 7].map((reserved): [string, number, () => Buffer[]] => [
    `reserved bits ${reserved.toString(2)}, a compression that was not agreed on (§5.2)`,
    1002,
    () => [frame({ reserved })],
  ]),
  ...[3, 7, 11, 15].map((opcode): [string, number, () => Buffer[]] => [
    `opcode ${opcode}, which means nothing (§5.2)`,
    1002,
    () => [frame({ opcode })],
  ]),
  ...[8, 9, 10].flatMap((opcode): [string, number, () => Buffer[]][] => [
    [
      `opcode ${opcode} of 126 bytes (§5.5)`,
      1002,
      () => [frame({ opcode, lengthBits: 16, payload: LONG })],
    ],
    [`opcode ${opcode} in fragments (§5.5)`, 1002, () => [frame({ opcode, fin: false })]],
  ]),
  ['a continuation of nothing (§5.4)', 1002, () => [frame({ opcode: 0 })]],
  [
    'a message within another (§5.4)',
    1002,
    () => [frame({ fin: false }), frame({ payload: Buffer.from('{}') })],
  ],
  [
    'a length that no number holds (§5.2)',
    1009,
    () => [frame({ lengthBits: 64, declared: 2n ** 64n - 1n })],
  ],
  [
    'a frame that says it is 1 GiB, before any of it has come',
    1009,
    () => [frame({ lengthBits: 64, declared: 2n ** 30n, payload: Buffer.alloc(0) })],
  ],
  ['binary that is no text', 1003, () => [frame({ opcode: 2 })]],
  ['an overlong NUL (§8.1)', 1007, () => [frame({ payload: Buffer.from([0xc0, 0x80]) })]],
  ['half a surrogate (§8.1)', 1007, () => [frame({ payload: Buffer.from([0xed, 0xa0, 0x80]) })]],
  [
    'text that is broken over two fragments (§8.1)',
    1007,
    () => [
      frame({ fin: false, payload: Buffer.from([0xe2, 0x82]) }),
      frame({ opcode: 0, payload: Buffer.from([0x28]) }),
    ],
  ],
  ['a close of one byte (§5.5.1)', 1002, () => [frame({ opcode: 8, payload: Buffer.alloc(1) })]],
  ...[0, 999, 1004, 1005, 1006, 2999, 65_535].map((code): [string, number, () => Buffer[]] => [
    `a close by ${code}, which nobody may send (§7.4)`,
    1002,
    () => [frame({ opcode: 8, payload: Buffer.from([code >> 8, code & 0xff]) })],
  ]),
  [
    'a close whose reason is no text (§5.5.1)',
    1007,
    () => [frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xff]) })],
  ],
]

test.each(ROWS)('%s closes %i', async (_name, code, frames) => {
  const { socket, ended } = dial()
  for (const bytes of frames()) socket.write(bytes)
  expect(closeCode(await ended)).toBe(code)
})

describe('a message that never ends', () => {
  test('in fragments of one byte closes 1009 at 16 KiB', async () => {
    const { socket, ended } = dial()
    const more = frame({ opcode: 0, fin: false, payload: Buffer.from('x') })
    socket.write(frame({ fin: false, payload: Buffer.from('"') }))
    socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => more)))
    expect(closeCode(await ended)).toBe(1009)
  })

  test('in fragments of nothing closes 1008: ws counts them', async () => {
    const { socket, ended } = dial()
    const none = frame({ opcode: 0, fin: false, payload: Buffer.alloc(0) })
    socket.write(frame({ fin: false, payload: Buffer.from('"') }))
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => none))
    for (let count = 0; count < 50; count++) socket.write(many)
    expect(closeCode(await ended)).toBe(1008)
  })
})

test.each([
  'permessage-deflate',
  'permessage-deflate; server_max_window_bits=15; client_max_window_bits',
  'x-webkit-deflate-frame',
])('no compression is agreed on, and so none can blow up: %s', async (extension) => {
  const { socket, ended } = dial([`Sec-WebSocket-Extensions: ${extension}`])
  socket.write(frame({ reserved: 4, payload: Buffer.from([0x4b, 0x04, 0x00]) }))
  const bytes = await ended
  expect(bytes.toString('latin1').toLowerCase()).not.toContain('sec-websocket-extensions')
  expect(closeCode(bytes)).toBe(1002)
})
