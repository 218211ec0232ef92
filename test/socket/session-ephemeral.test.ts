import { expect, test } from 'vitest'
import { ephemeralFrame } from '../../src/protocol/down/ephemeral.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import { MemoryLog, settled } from './memory-log.js'
import { openSession } from './session-fixture.js'

const scratch = new MemoryLog()
const FRAME = ephemeralFrame(scratch.at(scratch.append('now')).contentJson)

test('an ephemeral takes no room in a full window, and no acknowledgement is due for it', async () => {
  const { session, socket, arrive } = await openSession({ maxUnacked: 1 })
  arrive()
  arrive()
  session.deliver(FRAME)
  expect(socket.seqs).toEqual([1])
  expect(socket.frames.at(-1)).toBe(FRAME)
  session.receive('{"type":"ack","payload":{"seq":1}}')
  await settled()
  expect(socket.seqs).toEqual([1, 2])
})

test('an ephemeral is dropped where the buffer is above the high-water mark, and comes where it is not', async () => {
  const { session, socket } = await openSession()
  const before = socket.frames.length
  socket.bufferedAmount = SOCKET_LIMITS.highWaterBytes + 1
  session.deliver(FRAME)
  expect(socket.frames).toHaveLength(before)
  socket.bufferedAmount = SOCKET_LIMITS.highWaterBytes
  session.deliver(FRAME)
  expect(socket.frames.slice(before)).toEqual([FRAME])
})

test('an ephemeral reaches no connection before its welcome, nor after its end', async () => {
  const log = new MemoryLog()
  log.hold()
  const { session, socket } = await openSession({ log })
  session.deliver(FRAME)
  expect(socket.frames).toEqual([])
  await log.release()
  expect(socket.types).toEqual(['welcome', 'caught_up'])
  session.close(1012, 'restart')
  session.deliver(FRAME)
  expect(socket.frames).not.toContain(FRAME)
})
