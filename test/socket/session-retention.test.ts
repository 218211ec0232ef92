import { expect, test } from 'vitest'
import { openSession, NOW } from './session-fixture.js'
import { MemoryLog, settled } from './memory-log.js'

test('sends what arrives while a page is read that was asked for because of the counts alone', async () => {
  const { session, socket, log } = await openSession()
  for (const seq of [log.append('1'), log.append('2')]) session.wake(log.wakeOf(seq))
  log.hold()
  log.trim(1)
  session.wake(log.countsWake())
  // The page that is under way knows nothing of it, and brings nothing itself.
  session.wake(log.wakeOf(log.append('3')))
  await log.release()
  expect(socket.seqs).toEqual([1, 2, 3])
})

test('tells the counts once more where retention changes them while they are being read', async () => {
  const { session, socket, log } = await openSession()
  for (const title of ['1', '2', '3']) session.wake(log.wakeOf(log.append(title)))
  log.hold()
  for (let count = 0; count < 2; count++) {
    log.trim(1)
    session.wake(log.countsWake())
  }
  await log.release()
  expect(socket.messages.at(-1)).toMatchObject({ type: 'counts', payload: { unread: 1 } })
})

test('tells the counts that retention changes while the connection is being opened', async () => {
  const log = new MemoryLog()
  for (const title of ['1', '2']) log.append(title)
  log.hold()
  const request = { start: { kind: 'latest' as const } }
  const { session, socket } = await openSession({ log, request })
  log.trim(1)
  session.wake(log.countsWake())
  await log.release()
  expect(socket.messages.at(-1)).toMatchObject({ type: 'counts', payload: { unread: 1 } })
})

test('never tells the state alone of what was passed over because it had expired', async () => {
  const { session, socket, log, tick } = await openSession()
  log.append('short', { ttl: 1_000 })
  tick(1_000)
  log.now = NOW + 1_000
  session.wake(log.wakeOf(1, false))
  await settled()
  session.wake(log.wakeOf(log.move(1)))
  await settled()
  expect(socket.entries).toEqual([])
  const [swept = NaN] = log.sweep()
  session.wake(log.wakeOf(swept))
  expect(socket.types.at(-1)).toBe('removed')
})

test('tells of what retention removed before this connection was sent it, once', async () => {
  const { session, socket, log, arrive } = await openSession({ maxUnacked: 1 })
  for (const title of ['1', '2', '3', '4']) arrive(title)
  log.trim(3)
  session.wake(log.countsWake())
  await settled()
  expect(socket.types.at(-1)).toBe('notification')
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 1 } }))
  await settled()
  session.receive(JSON.stringify({ type: 'ack', payload: { seq: 4 } }))
  await settled()
  const gaps = socket.messages.filter(({ type }) => type === 'gap')
  expect(gaps).toEqual([{ type: 'gap', payload: { from: 1, to: 3, reason: 'retention' } }])
  expect(socket.seqs).toEqual([1, 4])
})
