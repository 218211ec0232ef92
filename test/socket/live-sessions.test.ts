import { afterEach, beforeEach, expect, test } from 'vitest'
import { InProcessWake } from '../../src/inbox/wake.js'
import { LiveSessions } from '../../src/socket/live-sessions.js'
import { createLog } from '../../src/telemetry/log.js'
import { MemoryLog } from './memory-log.js'
import { openSession } from './session-fixture.js'

let sessions: LiveSessions
let wake: InProcessWake

beforeEach(() => {
  wake = new InProcessWake()
  sessions = new LiveSessions({
    wake,
    store: { latest: () => Promise.resolve(new Map()), seeDevice: () => Promise.resolve() },
    clock: () => 0,
    stopwatch: () => 0,
    log: createLog({ level: 'silent', readable: false }),
    maxConnectionsPerUser: 20,
    heartbeatMs: 25_000,
    lookMs: 30_000,
    drainSliceMs: 50,
  })
})
afterEach(() => sessions.close(1012, 'restart'))

test('forgets a session that has left, and a user with its last one', async () => {
  const [first, second] = [await openSession(), await openSession()]
  for (const { session } of [first, second]) {
    sessions.add(session)
    sessions.joined(session, 'alice')
  }
  expect([sessions.size, (await sessions.users()).length]).toEqual([2, 1])
  sessions.left(first.session, 'alice')
  expect([sessions.size, (await sessions.users()).length]).toEqual([1, 1])
  sessions.left(second.session, 'alice')
  expect([sessions.size, (await sessions.users()).length]).toEqual([0, 0])
})

test('lets one session fail without keeping the wake from the others', async () => {
  const [broken, whole] = [await openSession(), await openSession()]
  for (const { session } of [broken, whole]) {
    sessions.add(session)
    sessions.joined(session, 'alice')
  }
  broken.socket.onSend = () => {
    throw new Error('the socket is broken')
  }
  wake.publish([broken.log.wakeOf(broken.log.append())])
  expect(broken.socket.closedWith?.code).toBe(1011)
  expect(whole.socket.seqs).toEqual([1])
})

test('closes each session once, and wakes none after that', async () => {
  const { session, socket, log } = await openSession()
  sessions.add(session)
  sessions.joined(session, 'alice')
  sessions.close(1012, 'restart')
  sessions.close(1012, 'restart')
  expect(socket.closedWith).toEqual({ code: 1012, reason: 'restart' })
  wake.publish([log.wakeOf(log.append())])
  expect(socket.seqs).toEqual([])
})

test('ends a session whose device is removed while it is being opened', async () => {
  const log = new MemoryLog()
  log.hold()
  const { session, socket } = await openSession({ log })
  sessions.add(session)
  sessions.joined(session, 'alice')
  const removed = { kind: 'error', code: 'device_removed', detail: 'Gone.' } as const
  expect(await sessions.end({ user: 'alice', device: 'tablet' }, removed)).toBe(0)
  expect(await sessions.end({ user: 'alice', device: 'phone' }, removed)).toBe(1)
  await log.release()
  expect(socket.closedWith).toEqual({ code: 4410, reason: 'device_removed' })
  expect(socket.types).toEqual(['error'])
  expect(socket.errors).toEqual(['device_removed'])
})

test('an erasure ends a session that is being opened in the life that has ended, and none of the next', async () => {
  const error = { kind: 'error', code: 'user_erased', detail: 'Gone.' } as const
  const opened = async (epoch: string) => {
    const log = new MemoryLog()
    log.hold()
    const { session, socket } = await openSession({ log })
    sessions.add(session)
    sessions.joined(session, 'alice')
    await sessions.end({ user: 'alice', epoch }, error)
    await log.release()
    return { log, socket }
  }
  const former = await opened(new MemoryLog().epoch)
  expect(former.socket.closedWith).toEqual({ code: 4403, reason: 'user_erased' })
  expect(former.socket.types).toEqual(['error'])
  const next = await opened('a former epoch')
  expect(next.socket.types).toEqual(['welcome', 'caught_up'])
  await sessions.end({ user: 'alice', epoch: 'a former epoch' }, error)
  expect(next.socket.closedWith).toBeUndefined()
  await sessions.end({ user: 'alice', epoch: next.log.epoch }, error)
  expect(next.socket.closedWith?.code).toBe(4403)
})
