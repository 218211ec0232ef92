import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LiveSelection } from '../../src/inbox/live.js'
import type { SeeDevice } from '../../src/inbox/stores/people.js'
import { InProcessWake } from '../../src/inbox/wake.js'
import { LiveSessions } from '../../src/socket/live-sessions.js'
import type { LiveSession } from '../../src/socket/session-context.js'
import { createLog } from '../../src/telemetry/log.js'

/** A session that only notes what reaches it. */
class NotedSession implements LiveSession {
  readonly address = undefined
  readonly connectedAt = 0
  readonly epoch = 'an-epoch'
  readonly heard: string[] = []
  ended: string | undefined
  heardAt = 0
  isOpen = true
  readonly hasToken = true
  isReplaying = false
  isWindowFull = false
  readonly latest = undefined

  readonly id: string
  readonly device: string
  readonly #user: string
  readonly #sessions: LiveSessions

  constructor(sessions: LiveSessions, name: string) {
    const [user = '', device = ''] = name.split(' ')
    this.id = name
    this.device = device
    this.#user = user
    this.#sessions = sessions
    sessions.add(this)
    sessions.joined(this, user)
  }

  readonly wake = (): void => undefined
  readonly tick = (): void => undefined
  readonly deliver = (frame: string): void => void this.heard.push(frame)
  readonly close = (code: number): void => this.#end(String(code))
  readonly failWhenOf = (): void => undefined
  readonly drain = (): void => undefined
  readonly endIfRevoked = (): void => void this.heard.push('revoked?')
  readonly fail = ({ code }: { code: string }): void => this.#end(code)

  #end(why: string): void {
    this.ended = why
    this.isOpen = false
    this.#sessions.left(this, this.#user)
  }
}

let sessions: LiveSessions
let seen: SeeDevice[]
let now: number

beforeEach(() => {
  now = 0
  seen = []
  sessions = new LiveSessions({
    wake: new InProcessWake(),
    store: {
      latest: () => Promise.resolve(new Map()),
      seeDevice: (command) => {
        seen.push(command)
        return Promise.resolve()
      },
    },
    clock: () => 1_000_000 + now,
    stopwatch: () => now,
    log: createLog({ level: 'silent', readable: false }),
    maxConnectionsPerUser: 3,
    heartbeatMs: 25_000,
    lookMs: 30_000,
    drainSliceMs: 50,
  })
})
afterEach(() => sessions.close(1012, 'restart'))

const join = (name: string): NotedSession => new NotedSession(sessions, name)

test('delivers to users, to a device, to a connection, and to everyone, and to no other', async () => {
  const all = ['alice phone', 'alice laptop', 'bob phone', 'carol phone'].map(join)
  const hearing = async (target: Parameters<LiveSessions['deliver']>[0]): Promise<string[]> => {
    for (const session of all) session.heard.length = 0
    await sessions.deliver(target, '{"title":"x"}')
    return all.filter(({ heard }) => heard.length === 1).map(({ id }) => id)
  }
  expect(await hearing({ kind: 'users', users: ['alice', 'carol', 'nobody'] })).toEqual([
    'alice phone',
    'alice laptop',
    'carol phone',
  ])
  expect(await hearing({ kind: 'device', user: 'alice', device: 'phone' })).toEqual(['alice phone'])
  expect(await hearing({ kind: 'connection', connection: 'bob phone' })).toEqual(['bob phone'])
  expect(await hearing({ kind: 'connection', connection: 'none' })).toEqual([])
  expect(await hearing({ kind: 'everyone' })).toEqual(all.map(({ id }) => id))
  expect(all[0]?.heard).toEqual(['{"type":"ephemeral","payload":{"notification":{"title":"x"}}}'])
})

test('one session that fails keeps nothing from the others', async () => {
  const [broken, whole] = [join('alice phone'), join('alice laptop')]
  Object.assign(broken, {
    deliver: () => {
      throw new Error('the socket is broken')
    },
  })
  await sessions.deliver({ kind: 'everyone' }, '{}')
  expect([broken.ended, whole.heard.length]).toEqual(['1011', 1])
})

test('counts and lists who is connected; one that is just being opened is not, and can be ended', async () => {
  const [phone, opening] = [join('alice phone'), join('bob phone')]
  opening.isOpen = false
  ;[now, phone.heardAt] = [500, 200]
  expect(await sessions.users()).toEqual(['alice'])
  expect(await sessions.userOf('alice phone')).toBe('alice')
  expect(await sessions.userOf('bob phone')).toBeUndefined()
  expect(await sessions.connections('bob')).toEqual([])
  expect(await sessions.connections('alice')).toEqual([
    { connection: 'alice phone', device: 'phone', connectedAt: 0, heardAt: 1_000_200 },
  ])
  const removed = { kind: 'error', code: 'device_removed', detail: 'Gone.' } as const
  expect(await sessions.end({ user: 'bob', device: 'phone' }, removed)).toBe(1)
  expect(opening.ended).toBe('device_removed')
})

test('lists the newest of all users, the latest first, and counts those that are not listed', async () => {
  const [phone, , , opening] = ['alice phone', 'bob phone', 'alice laptop', 'carol tv'].map(join)
  if (opening) opening.isOpen = false
  const listed = async (limit: number): Promise<unknown> => {
    const { connections, total } = await sessions.newest(limit)
    return [connections.map(({ user, device, connection }) => [user, device, connection]), total]
  }
  const [laptop, bobs, phones] = ['alice laptop', 'bob phone', 'alice phone'].map((name) => [
    ...name.split(' '),
    name,
  ])
  expect(await listed(2)).toEqual([[laptop, bobs], 3])
  expect(await listed(3)).toEqual([[laptop, bobs, phones], 3])
  phone?.close(1000)
  expect(await listed(9)).toEqual([[laptop, bobs], 2])
  ;[now] = [500]
  const { connections } = await sessions.newest(1)
  expect(connections).toEqual([
    { ...(await sessions.connections('alice'))[0], user: 'alice', heardAt: 1_000_000 },
  ])
})

test.each<[LiveSelection, string[]]>([
  [{ user: 'alice' }, ['alice phone', 'alice laptop']],
  [{ user: 'alice', device: 'laptop' }, ['alice laptop']],
  [{ user: 'alice', connection: 'alice phone' }, ['alice phone']],
  [{ user: 'alice', connection: 'alice phone', device: 'laptop' }, []],
  [{ user: 'alice', connection: 'bob phone' }, []],
  [{ user: 'nobody' }, []],
])('ends the connections of %j, and no other', async (which, expected) => {
  const all = ['alice phone', 'alice laptop', 'bob phone'].map(join)
  expect(await sessions.end(which, { kind: 'reconnect' })).toBe(expected.length)
  expect(all.filter(({ ended }) => ended === '1012').map(({ id }) => id)).toEqual(expected)
})

test.each([
  ['alice', ['alice phone', 'alice laptop']],
  ['nobody', []],
  [undefined, ['alice phone', 'alice laptop', 'bob phone']],
])('asks whether a token was revoked among the connections of %s alone', async (user, asked) => {
  const all = ['alice phone', 'alice laptop', 'bob phone'].map(join)
  await sessions.endRevoked(user)
  expect(all.filter(({ heard }) => heard.length > 0).map(({ id }) => id)).toEqual(asked)
})

test('a user with too many loses the one that was silent longest, of the same device first, and never the new one', () => {
  const [first, second, third] = [join('alice phone'), join('alice laptop'), join('alice tablet')]
  for (const [session, at] of [
    [first, 30],
    [second, 10],
    [third, 20],
  ] as const) {
    session.heardAt = at
  }
  const other = join('alice tv')
  other.heardAt = 40
  expect([first, second, third, other].map(({ ended }) => ended)).toEqual([
    undefined,
    'too_many_connections',
    undefined,
    undefined,
  ])
  const again = join('alice phone')
  expect([first.ended, third.ended, other.ended, again.ended]).toEqual([
    'too_many_connections',
    undefined,
    undefined,
    undefined,
  ])
  expect(sessions.size).toBe(3)
  join('bob phone')
  expect(sessions.size).toBe(4)
})

test('a device was seen when its connection ended; what was never welcomed was not', () => {
  const [phone, laptop] = [join('alice phone'), join('alice laptop')]
  Object.assign(laptop, { epoch: undefined })
  now = 7
  phone.close(1000)
  laptop.close(1000)
  expect(seen).toEqual([{ user: 'alice', device: 'phone', epoch: 'an-epoch', at: 1_000_007 }])
})

test('ends what had joined by then, and not what has come since', async () => {
  const before = join('alice phone')
  now = 400
  const since = join('alice laptop')
  now = 1_000
  const which = { user: 'alice', joinedMsAgo: 700 }
  expect(await sessions.end(which, { kind: 'reconnect' })).toBe(1)
  expect([before.ended, since.ended]).toEqual(['1012', undefined])
})
