import { expect, test } from 'vitest'
import { MemoryLog, settled } from './memory-log.js'
import { openSession } from './session-fixture.js'

function logOf(count: number): MemoryLog {
  const log = new MemoryLog()
  for (let number = 1; number <= count; number++) log.append(String(number))
  return log
}

test('sends an arrival that is one step ahead without a look at the store', async () => {
  const { socket, arrive, log } = await openSession()
  arrive()
  arrive()
  expect(socket.seqs).toEqual([1, 2])
  expect(log.asked).toEqual([])
})

test('reads from the store what is more than one step ahead', async () => {
  const { socket, session, log } = await openSession()
  log.append()
  log.append()
  session.wake(log.wakeOf(2, false))
  await settled()
  expect(socket.seqs).toEqual([1, 2])
})

test('sends nothing twice when wakes come while a page is being read', async () => {
  const log = logOf(3)
  log.hold()
  const { socket, arrive } = await openSession({ log })
  await log.release()
  log.hold()
  arrive()
  arrive()
  await log.release()
  await settled()
  expect(socket.seqs).toEqual([1, 2, 3, 4, 5])
  expect(socket.types.filter((type) => type === 'caught_up')).toHaveLength(1)
})

test.each([0, 1])(
  'notices what was committed while the device was being opened, after %i before',
  async (count) => {
    const log = logOf(count)
    log.hold()
    const { socket, arrive } = await openSession({ log })
    arrive()
    await log.release()
    await settled()
    expect(socket.types.filter((type) => type === 'caught_up')).toHaveLength(1)
    expect(socket.types.at(-1)).toBe('notification')
    expect(socket.seqs).toEqual(log.restingAfter(0))
  },
)

test('sends nothing twice when the wake of what a page holds comes while it is being read', async () => {
  const { socket, session, log } = await openSession()
  log.append()
  log.append()
  log.hold()
  session.wake(log.wakeOf(2, false))
  // The page with both is on its way; the wake of the first comes late, with all that the fast path needs.
  session.wake(log.wakeOf(1))
  await log.release()
  await settled()
  expect(socket.seqs).toEqual([1, 2])
})

test('ignores wakes that are doubled, late or reordered', async () => {
  const { socket, session, log, arrive } = await openSession()
  arrive()
  log.append()
  log.append()
  for (const seq of [3, 2, 1, 3, 3]) session.wake(log.wakeOf(seq, false))
  await settled()
  expect(socket.seqs).toEqual([1, 2, 3])
})

test('hands no entry to a socket above the high-water mark, and goes on when it has drained', async () => {
  const log = logOf(100)
  const { socket, session } = await openSession({ log })
  expect(socket.seqs).toHaveLength(100)

  const other = logOf(0)
  const held = await openSession({ log: other })
  held.socket.onSend = () => {
    held.socket.bufferedAmount += 100 * 1024
  }
  for (let number = 1; number <= 50; number++) other.append()
  held.session.wake(other.wakeOf(50, false))
  await settled()
  // Three frames of 100 KiB take the buffer over 256 KiB.
  expect(held.socket.seqs).toEqual([1, 2, 3])
  held.session.wake(other.wakeOf(50, false))
  await settled()
  expect(held.socket.seqs).toEqual([1, 2, 3])

  held.socket.bufferedAmount = 0
  held.session.drained()
  await settled()
  expect(held.socket.seqs).toEqual([1, 2, 3, 4, 5, 6])
  session.close(1000, 'done')
})

test('begins no second array above the high-water mark where a page passes the welcome', async () => {
  const log = logOf(1)
  log.hold()
  const { socket, session, arrive } = await openSession({ log, request: { batch: true } })
  socket.onSend = (text) => {
    if (text.includes('notification')) socket.bufferedAmount += 300 * 1024
  }
  arrive()
  await log.release()
  // The page holds what stood there before and what came since: between the two stands `caught_up`.
  expect(socket.types).toEqual(['welcome', 'notification', 'caught_up'])

  socket.bufferedAmount = 0
  session.drained()
  await settled()
  expect(socket.seqs).toEqual([1, 2])
})

test('asks for no more than the window has room for', async () => {
  const { socket, session, log } = await openSession({ log: logOf(30), maxUnacked: 10 })
  expect(socket.seqs).toHaveLength(10)
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 7 } }))
  await settled()
  expect(socket.seqs).toHaveLength(17)
  expect(log.asked.map(({ limit }) => limit)).toEqual([10, 7])
})

test('closes 4408 when the window stays full for a minute, not before', async () => {
  const { socket, session, tick } = await openSession({ log: logOf(3), maxUnacked: 2 })
  const minute = (): void => {
    for (const step of [20_000, 20_000, 19_999]) {
      session.heard()
      tick(step)
    }
    session.heard()
  }
  minute()
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 1 } }))
  await settled()
  expect(socket.seqs).toEqual([1, 2, 3])
  minute()
  expect(socket.closedWith).toBeUndefined()
  tick(1)
  expect(socket.closedWith).toEqual({ code: 4408, reason: 'too_slow' })
})

test('writes one acknowledgement for all that came while the one before was being written', async () => {
  const { session, socket, log } = await openSession({ log: logOf(50) })
  log.hold()
  for (let seq = 1; seq <= 50; seq++) {
    session.receive(JSON.stringify({ type: 'ack', id: `a${seq}`, payload: { seq } }))
  }
  expect(socket.types).not.toContain('reply')
  await log.release()
  await settled()
  expect(log.acknowledged).toEqual([1, 50])
  const replies = socket.messages.filter((message) => message.type === 'reply')
  expect(replies.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, n) => `a${n + 1}`))
})

test('writes the last acknowledgement though the connection ends first', async () => {
  const { session, log } = await openSession({ log: logOf(5) })
  log.hold()
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 2 } }))
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 5 } }))
  session.closed(1006)
  await log.release()
  await settled()
  expect(log.cursors.get('phone')).toBe(5)
})

test('asks for the last acknowledgement when the connection ends, without waiting for the one before', async () => {
  const { session, log } = await openSession({ log: logOf(5) })
  log.hold()
  for (const seq of [2, 3, 5]) session.receive(JSON.stringify({ type: 'ack', payload: { seq } }))
  expect(log.acknowledged).toEqual([2])
  session.closed(1006)
  expect(log.acknowledged).toEqual([2, 5])
  await log.release()
  await settled()
  expect(log.cursors.get('phone')).toBe(5)
})

test('sends nothing after the close', async () => {
  const { session, socket, arrive, left } = await openSession()
  session.close(1012, 'restart')
  const count = socket.frames.length
  arrive()
  session.receive(JSON.stringify({ type: 'ping' }))
  session.closed(1012)
  await settled()
  expect(socket.frames).toHaveLength(count)
  expect(left()).toBe(1)
})

test('closes 1011 when the log can not be read, without a word of the cause', async () => {
  const { socket, session, log } = await openSession()
  log.append()
  log.failure = new Error('secret path /var/lib/posthorn.db')
  session.wake(log.wakeOf(1, false))
  await settled()
  expect(socket.errors).toEqual(['internal'])
  expect(socket.closedWith?.code).toBe(1011)
  expect(socket.frames.join('')).not.toContain('secret')
})
