import { expect, test } from 'vitest'
import { FrameArrayBuilder } from '../../src/inbox/stores/frame-array.js'
import { sendFrames } from '../../src/socket/send-frames.js'
import { FakeSocket } from './fake-socket.js'

/** An array of `["1"]`, `["2"]`, … */
function arrayOf(count: number) {
  const builder = new FrameArrayBuilder()
  for (let seq = 1; seq <= count; seq++) builder.add(seq, `["${seq}ü"]`)
  return builder.build()
}

/** A socket with room until it was sent so much. */
function send(count: number, { asArray, room }: { asArray: boolean; room: number }) {
  const socket = new FakeSocket()
  const hasRoom = () => socket.frames.length < room
  return { sent: sendFrames(socket, arrayOf(count), { asArray, hasRoom }), frames: socket.frames }
}

test('sends the array as it is', () => {
  const { sent, frames } = send(3, { asArray: true, room: 1 })
  expect([sent, frames]).toEqual([3, ['[["1ü"],["2ü"],["3ü"]]']])
})

test('sends one by one where the client asked for no arrays', () => {
  const { sent, frames } = send(3, { asArray: false, room: 9 })
  expect([sent, frames]).toEqual([3, ['["1ü"]', '["2ü"]', '["3ü"]']])
})

test('sends one that is alone as it is', () => {
  const { sent, frames } = send(1, { asArray: true, room: 1 })
  expect([sent, frames]).toEqual([1, ['["1ü"]']])
})

test.each([{ asArray: true }, { asArray: false }])(
  'sends nothing without room, $asArray for an array',
  ({ asArray }) => {
    expect(send(3, { asArray, room: 0 })).toEqual({ sent: 0, frames: [] })
    expect(send(1, { asArray, room: 0 })).toEqual({ sent: 0, frames: [] })
  },
)

test('one by one ends where there is no more room', () => {
  expect(send(5, { asArray: false, room: 2 })).toMatchObject({ sent: 2, frames: { length: 2 } })
})

test('what goes out one by one goes to the kernel together', () => {
  const socket = new FakeSocket()
  const steps: string[] = []
  socket.onSend = (text) => steps.push(text)
  socket.hold = () => steps.push('begin')
  socket.flush = () => steps.push('end')
  sendFrames(socket, arrayOf(2), { asArray: false, hasRoom: () => true })
  expect(steps).toEqual(['begin', '["1ü"]', '["2ü"]', 'end'])
})
