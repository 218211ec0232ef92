import { describe, expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { idOf, notification, type FakeSocket } from './fake-server.js'
import { failureOf, fakeToken, World, type TabClient } from './world.js'

/** A world with tabs of alice's, whose leader's connection is open and live. */
async function openTabs(
  world: World,
  count: number,
): Promise<{ tabs: TabClient[]; socket: FakeSocket }> {
  const tabs = Array.from({ length: count }, () => world.openTab())
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ connection: 'first' })
  socket.say({ type: 'caught_up', payload: { seq: 0, unread: 0, unseen: 0 } })
  await world.time.settle()
  return { tabs, socket }
}

/** The two tabs of a world, the leader first. */
async function openTwo(
  world: World,
): Promise<{ leader: TabClient; follower: TabClient; socket: FakeSocket }> {
  const { tabs, socket } = await openTabs(world, 2)
  const [leader, follower] = tabs
  if (!leader || !follower) throw new Error('there are no two')
  return { leader, follower, socket }
}

describe('one connection', () => {
  test('is what all tabs have, and each hands over and shows the same', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    socket.notify(notification(1), notification(2))
    socket.say({
      type: 'ephemeral',
      payload: { notification: { ...notification(3), title: 'now' } },
    })
    await world.time.settle()
    expect(world.server.sockets).toHaveLength(1)
    for (const { inbox, heard, seqs, titles, states, errors } of tabs) {
      expect(seqs).toEqual([1, 2])
      expect(titles).toEqual(['2', '1'])
      expect(heard.ephemeral).toMatchObject([{ notification: { title: 'now' } }])
      expect(inbox.counts).toEqual({ unread: 1, unseen: 1 })
      expect(inbox.status).toEqual({ state: 'open', phase: 'live', user: 'alice', device: 'phone' })
      expect(states).toEqual(['replaying', 'live'])
      expect(errors).toEqual([])
    }
  })

  test('acknowledges what the handlers of its own tab have finished, and no other', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    const slow = deferred<void>()
    leader.inbox.on('notification', () => slow.promise)
    socket.notify(notification(1))
    await world.time.pass(1_000)
    expect(follower.seqs).toEqual([1])
    expect(socket.acks).toEqual([])
    slow.resolve()
    await world.time.settle()
    expect(socket.acks).toEqual([1])
    const stuck = deferred<void>()
    follower.inbox.on('notification', () => stuck.promise)
    socket.notify(notification(2))
    await world.time.settle()
    expect(socket.acks).toEqual([1, 2])
    stuck.resolve()
  })

  test('shows its texts in the tab that has it', async () => {
    await using world = new World()
    const { leader, follower } = await openTwo(world)
    expect(leader.heard.frame.length).toBeGreaterThan(0)
    expect(follower.heard.frame).toEqual([])
  })

  test('keeps its token fresh by itself', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    socket.say({
      type: 'token_expiring',
      payload: { expiresAt: '2026-11-22T10:01:00.000Z' },
    })
    await world.time.settle()
    expect(socket.types).toEqual(['authenticate'])
    expect(tabs.flatMap(({ errors }) => errors)).toEqual([])
  })

  test('is no longer than its tab: each other user has one of its own', async () => {
    await using world = new World()
    await openTabs(world, 2)
    const bob = world.openTab({ token: () => fakeToken('bob') })
    await world.time.settle()
    expect(world.server.sockets).toHaveLength(2)
    world.server.last.welcome({ user: 'bob', connection: 'of-bob' })
    await world.time.settle()
    expect(bob.inbox.status).toMatchObject({ state: 'open', user: 'bob' })
  })

  test('is each own of tabs whose tokens tell nothing of whom they are', async () => {
    await using world = new World()
    for (let tab = 0; tab < 2; tab++) world.openTab({ token: () => 'opaque.e30.token' })
    await world.time.settle()
    expect(world.server.sockets).toHaveLength(2)
    expect(world.browser.joined).toBe(0)
  })

  test('is each own of tabs that may tell each other nothing', async () => {
    await using world = new World()
    world.browser.isMute = true
    const tabs = [world.openTab(), world.openTab()]
    await world.time.settle()
    for (const [place, tab] of tabs.entries()) {
      const socket = world.server.sockets[place]
      socket?.welcome({ connection: `of-${place}` })
      socket?.notify(notification(1))
      await world.time.settle()
      expect(tab.inbox.status).toMatchObject({ state: 'open' })
      expect(socket?.acks).toEqual([1])
      expect(tab.states).toEqual(['replaying'])
      expect(tab.errors).toEqual([])
    }
    world.server.last.end(1006)
    await world.time.pass(500)
    expect(world.server.sockets).toHaveLength(3)
  })

  test('is left for that of another user, where a token of that one comes', async () => {
    await using world = new World()
    let user = 'alice'
    const turncoat = world.openTab({ token: () => fakeToken(user) })
    const alice = world.openTab()
    await world.time.settle()
    world.server.last.welcome({ connection: 'first' })
    await world.time.settle()
    user = 'bob'
    world.server.last.end(1006)
    await world.time.pass(500)
    const [, second, third] = world.server.sockets
    second?.welcome({
      user: second.request.token === fakeToken('bob') ? 'bob' : 'alice',
      connection: 'second',
    })
    third?.welcome({
      user: third.request.token === fakeToken('bob') ? 'bob' : 'alice',
      connection: 'third',
    })
    await world.time.settle()
    expect(turncoat.inbox.status).toMatchObject({ state: 'open', user: 'bob' })
    expect(alice.inbox.status).toMatchObject({ state: 'open', user: 'alice' })
    expect(world.server.sockets).toHaveLength(3)
  })

  test('leaves nothing behind when its tabs are closed, in whichever order and how soon', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      await using world = new World()
      const { tabs } = await openTabs(world, 3)
      for (const place of order) void tabs[place]?.inbox.close()
      void world.openTab().inbox.close()
      await world.time.pass(3_000)
      expect(world.browser.joined).toBe(0)
      expect(world.watched).toBe(0)
      expect(world.time.timers).toBe(0)
    }
  })
})

describe('a tab that comes late', () => {
  test('is told what is not handled yet, lists the inbox, and shows the same', async () => {
    await using world = new World()
    const { leader, socket } = await openTwo(world)
    const slow = deferred<void>()
    leader.inbox.on('notification', ({ notification }) =>
      notification.seq === 2 ? slow.promise : undefined,
    )
    socket.notify(notification(1), notification(2), notification(3))
    await world.time.settle()
    world.server.list = {
      items: [notification(3), notification(2), notification(1)],
      epoch: 'epoch-1',
      latest: 3,
    }
    const late = world.openTab()
    await world.time.settle()
    expect(late.seqs).toEqual([2, 3])
    expect(late.titles).toEqual(['3', '2', '1'])
    expect(late.inbox.counts).toEqual({ unread: 1, unseen: 1 })
    expect(late.states).toEqual(['replaying', 'live'])
    slow.resolve()
    socket.notify(notification(4))
    await world.time.settle()
    expect(late.seqs).toEqual([2, 3, 4])
    expect(leader.seqs).toEqual([1, 2, 3, 4])
    expect(world.server.sockets).toHaveLength(1)
  })

  test('marks all that has arrived, of which the others know', async () => {
    await using world = new World()
    const { socket } = await openTwo(world)
    socket.notify(notification(1), notification(2))
    await world.time.settle()
    const late = world.openTab()
    await world.time.settle()
    void late.inbox.markRead('all').catch(() => undefined)
    await world.time.settle()
    expect(socket.command('mark').payload).toEqual({ action: 'read', upTo: 2 })
  })

  test('learns how long the leader waits', async () => {
    await using world = new World()
    const { leader, socket } = await openTwo(world)
    socket.end(1006)
    const late = world.openTab()
    await world.time.settle()
    expect(late.inbox.status).toEqual(leader.inbox.status)
    expect(late.inbox.status).toMatchObject({ state: 'waiting', attempt: 1 })
  })

  test('asks for a token again before it lists the inbox another time', async () => {
    await using world = new World()
    const { socket } = await openTwo(world)
    let asked = 0
    const late = world.openTab({ token: () => fakeToken('alice', String(++asked)) })
    await world.time.settle()
    expect(world.server.asked.at(-1)?.token).toBe(fakeToken('alice', '1'))
    world.server.last.answersPings = true
    await world.time.pass(3_600_000)
    socket.say({ type: 'gap', payload: { from: 1, to: 5, reason: 'retention' } })
    await world.time.settle()
    expect(world.server.asked.map(({ token }) => token)).toContain(fakeToken('alice', '2'))
    expect(late.heard.gap).toHaveLength(1)
  })

  test('goes to its new user before it lists anything of that one', async () => {
    await using world = new World()
    const { socket } = await openTwo(world)
    let user = 'alice'
    const late = world.openTab({ token: () => fakeToken(user) })
    await world.time.settle()
    const before = world.server.asked.length
    user = 'bob'
    socket.answersPings = true
    await world.time.pass(60_000)
    socket.say({ type: 'gap', payload: { from: 1, to: 5, reason: 'retention' } })
    await world.time.settle()
    expect(world.server.asked.slice(before).map(({ token }) => token)).not.toContain(
      fakeToken('bob'),
    )
    expect(world.server.sockets).toHaveLength(2)
    world.server.last.welcome({ user: 'bob', connection: 'of-bob' })
    await world.time.settle()
    expect(late.inbox.status).toMatchObject({ state: 'open', user: 'bob' })
  })
})

describe('when the leader ends', () => {
  test('another takes over at once after its goodbye, from where its own application is', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    const slow = deferred<void>()
    follower.inbox.on('notification', ({ notification }) =>
      notification.seq === 2 ? slow.promise : undefined,
    )
    socket.notify(notification(1), notification(2), notification(3))
    await world.time.settle()
    void leader.inbox.close()
    await world.time.settle()
    expect(socket.closedWith).toEqual({ code: 1000, reason: 'done' })
    const { last: second } = world.server
    expect(second.query).toMatchObject({ cursor: '1', epoch: 'epoch-1' })
    slow.resolve()
    second.welcome({ connection: 'second', cursor: 3, latest: 4 })
    second.notify(notification(2), notification(3), notification(4))
    await world.time.settle()
    expect(follower.seqs).toEqual([1, 2, 3, 4])
    expect(second.acks.at(-1)).toBe(4)
  })

  test.each(['crash', 'close'] as const)(
    'by a %s, nothing is lost that it had not handled',
    async (how) => {
      await using world = new World()
      const { leader, follower, socket } = await openTwo(world)
      const never = deferred<void>()
      leader.inbox.on('notification', () => never.promise)
      socket.notify(notification(1), notification(2))
      await world.time.settle()
      if (how === 'crash') leader.tab.crash()
      else void leader.inbox.close()
      await world.time.pass(2_000)
      const { last: second } = world.server
      expect(second).not.toBe(socket)
      // All that it had been told, its own application has handled.
      expect(second.query).toMatchObject({ cursor: '2' })
      expect(follower.seqs).toEqual([1, 2])
      second.welcome({ connection: 'second', cursor: 2, latest: 3 })
      second.notify(notification(3))
      await world.time.settle()
      expect(follower.seqs).toEqual([1, 2, 3])
      never.resolve()
    },
  )

  test('a third tab goes on without a hole and without hearing anything twice', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    socket.notify(notification(1), notification(2))
    await world.time.settle()
    tabs[0]?.tab.crash()
    await world.time.settle()
    world.server.last.welcome({ connection: 'second', cursor: 0, latest: 3 })
    world.server.last.notify(notification(1), notification(2), notification(3))
    await world.time.settle()
    expect(tabs[2]?.seqs).toEqual([1, 2, 3])
    expect(tabs[1]?.states).toEqual(['replaying', 'live', 'connecting', 'replaying'])
    expect(tabs[2]?.states).toEqual(tabs[1]?.states)
  })

  test('the next asks for a token again where its own is old, and only then', async () => {
    for (const [after, expected] of [
      [1_000, '1'],
      [3_600_000, '2'],
    ] as const) {
      await using world = new World()
      const leader = world.openTab()
      await world.time.settle()
      let asked = 0
      world.openTab({ token: () => fakeToken('alice', String(++asked)) })
      await world.time.settle()
      world.server.last.answersPings = true
      world.server.last.welcome({ connection: 'first' })
      await world.time.pass(after)
      leader.tab.crash()
      await world.time.settle()
      expect(world.server.sockets).toHaveLength(2)
      expect(world.server.last.request.token).toBe(fakeToken('alice', expected))
    }
  })

  test('the position is never moved back, and kept by the leader alone', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    const slow = deferred<void>()
    follower.inbox.on('notification', () => slow.promise)
    socket.notify(...[1, 2, 3].map((number) => notification(number)))
    await world.time.settle()
    const stored = (): unknown => JSON.parse([...world.storage.content.values()].join())
    expect(stored()).toMatchObject({ cursor: 3 })
    const { writes } = world.storage
    leader.tab.crash()
    await world.time.settle()
    expect(world.server.last.query).toMatchObject({ cursor: '0' })
    world.server.last.welcome({ connection: 'second', cursor: 3, latest: 3 })
    world.server.last.notify(...[1, 2, 3].map((number) => notification(number)))
    slow.resolve()
    await world.time.settle()
    expect(follower.seqs).toEqual([1, 2, 3])
    expect(world.storage.writes).toBe(writes)
    world.server.last.notify(notification(4))
    await world.time.settle()
    expect(stored()).toMatchObject({ cursor: 4 })
    expect(world.storage.writes).toBe(writes + 1)
  })
})

describe('commands of a tab that follows', () => {
  test('go over the one connection, and the answer is its own', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    const marked = follower.inbox.markRead(idOf(1))
    const own = leader.inbox.markSeen(idOf(2))
    await world.time.settle()
    const [first, second] = socket.received
    expect(new Set([first?.id, second?.id]).size).toBe(2)
    for (const command of socket.received) {
      if (command.type !== 'mark') throw new Error(`${command.type} was sent`)
      const updated = command.payload.action === 'read' ? 1 : 2
      socket.say({
        type: 'reply',
        id: command.id,
        payload: { updated, unread: 0, unseen: 0, latest: 5 },
      })
    }
    await world.time.settle()
    expect(await marked).toMatchObject({ updated: 1 })
    expect(await own).toMatchObject({ updated: 2 })
    expect([...leader.errors, ...follower.errors]).toEqual([])
  })

  test('fail in their own tab, and nobody else hears of it', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    const failure = failureOf(follower.inbox.subscribe('news'))
    await world.time.settle()
    socket.say({
      type: 'error',
      id: socket.command('subscribe').id,
      payload: { code: 'forbidden', detail: 'no', retryable: false },
    })
    await world.time.settle()
    expect(await failure).toMatchObject({ code: 'forbidden' })
    expect([...leader.errors, ...follower.errors]).toEqual([])
    socket.say({ type: 'error', payload: { code: 'internal', detail: 'oh', retryable: true } })
    await world.time.settle()
    expect([...leader.errors, ...follower.errors]).toEqual(['internal', 'internal'])
  })

  test('are said again to the next leader, or over the next connection', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    const [leader, , third] = tabs
    const marked = third?.inbox.archive(idOf(1))
    await world.time.settle()
    const { id } = socket.command('mark')
    leader?.tab.crash()
    await world.time.settle()
    const { last: second } = world.server
    second.welcome({ connection: 'second' })
    await world.time.settle()
    expect(second.command('mark')).toMatchObject({ id, payload: { action: 'archived' } })
    second.end(1006)
    await world.time.pass(500)
    world.server.last.welcome({ connection: 'third' })
    await world.time.settle()
    world.server.last.say({
      type: 'reply',
      id,
      payload: { updated: 1, unread: 0, unseen: 0, latest: 2 },
    })
    await world.time.settle()
    expect(await marked).toMatchObject({ updated: 1 })
  })
})

describe('status', () => {
  test('is the same in all tabs', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    socket.end(1013)
    await world.time.settle()
    expect(follower.inbox.status).toEqual(leader.inbox.status)
    await world.time.pass(500)
    world.server.last.end(1013)
    await world.time.settle()
    expect(follower.inbox.status).toMatchObject({ state: 'waiting', attempt: 2 })
    await world.time.pass(1_000)
    world.server.last.welcome({ connection: 'second' })
    await world.time.settle()
    expect(follower.states).toEqual(leader.states)
    expect(follower.states.slice(2)).toEqual([
      'waiting',
      'connecting',
      'waiting',
      'connecting',
      'replaying',
    ])
  })

  test('is closed in all tabs where the service says so, and each tells why once', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    socket.end(4410, 'device_removed')
    await world.time.pass(60_000)
    for (const { inbox, errors } of tabs) {
      expect(inbox.status).toEqual({
        state: 'closed',
        why: { by: 'service', code: 4410, reason: 'device_removed' },
      })
      expect(errors).toEqual(['device_removed'])
    }
    expect(world.server.sockets).toHaveLength(1)
    expect(world.browser.joined).toBe(0)
    expect(world.time.timers).toBe(0)
  })

  test.each(['token_revoked', 'insufficient_scope', 'device_not_allowed', 'principal_changed'])(
    'is closed in the tab alone whose token was refused for good (%s), and another goes on with its own',
    async (reason) => {
      await using world = new World()
      const leader = world.openTab({ token: () => fakeToken('alice', 'refused') })
      await world.time.settle()
      const others = [1, 2].map((tab) =>
        world.openTab({ token: () => fakeToken('alice', String(tab)) }),
      )
      await world.time.settle()
      world.server.last.welcome({ connection: 'first' })
      await world.time.settle()
      world.server.last.say({
        type: 'error',
        payload: { code: reason, detail: 'no', retryable: false },
      })
      world.server.last.end(4403, reason)
      await world.time.settle()
      expect(leader.inbox.status).toEqual({
        state: 'closed',
        why: { by: 'service', code: 4403, reason },
      })
      expect(leader.errors).toEqual([reason])
      expect(world.browser.joined).toBe(2)
      expect(world.server.sockets).toHaveLength(2)
      expect(world.server.last.request.token).toBe(fakeToken('alice', '1'))
      world.server.last.welcome({ connection: 'second' })
      world.server.last.notify(notification(1))
      await world.time.settle()
      for (const { inbox, seqs, errors } of others) {
        expect(inbox.status).toMatchObject({ state: 'open' })
        expect(seqs).toEqual([1])
        expect(errors).toEqual([])
      }
    },
  )

  test('is closed in one tab after the other where the token of each is refused for good', async () => {
    await using world = new World()
    const { tabs } = await openTabs(world, 3)
    for (const tab of tabs) {
      expect(tab.inbox.status.state).not.toBe('closed')
      expect(world.server.last.closedWith).toBeUndefined()
      world.server.last.end(4403, 'token_revoked')
      await world.time.settle()
      expect(tab.inbox.status).toMatchObject({ state: 'closed', why: { reason: 'token_revoked' } })
      expect(tab.errors).toEqual(['token_revoked'])
    }
    await world.time.pass(60_000)
    expect(world.server.sockets).toHaveLength(3)
    expect(world.browser.joined).toBe(0)
    expect(world.time.timers).toBe(0)
  })

  test.each([
    [4400, 'too_many_errors'],
    [4403, 'user_erased'],
    [4403, 'disconnected'],
    [4409, 'too_many_connections'],
  ])('is closed in all tabs after any other end for good (%i, %s)', async (code, reason) => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 2)
    socket.end(code, reason)
    await world.time.pass(60_000)
    for (const { inbox } of tabs) {
      expect(inbox.status).toEqual({ state: 'closed', why: { by: 'service', code, reason } })
    }
    expect(world.server.sockets).toHaveLength(1)
  })

  test('is closed in the one that is closed alone', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    await follower.inbox.close()
    expect(follower.inbox.status).toMatchObject({ state: 'closed', why: { by: 'application' } })
    expect(leader.inbox.status).toMatchObject({ state: 'open' })
    expect(socket.closedWith).toBeUndefined()
    expect(world.browser.joined).toBe(1)
  })

  test('is looked at at once by the leader where another tab is woken', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    // The leader's own page is hidden, and hears nothing.
    leader.tab.deafen()
    await world.wake()
    expect(socket.types).toEqual(['ping'])
    socket.end(1006)
    await world.time.settle()
    await world.wake()
    expect(world.server.sockets).toHaveLength(2)
    expect(follower.inbox.status).toMatchObject({ state: 'connecting' })
  })
})

describe('a leader that gets no token', () => {
  test('goes on counting where a token that tells whose it is comes later', async () => {
    await using world = new World()
    let token = 'refused.e30.token'
    const client = world.openTab({ token: () => token })
    const { inbox } = client
    await world.time.settle()
    world.server.last.end(1006)
    token = fakeToken('alice')
    await world.time.pass(500)
    expect(inbox.status).toEqual({ state: 'connecting', attempt: 2 })
    world.server.last.end(1006)
    expect(inbox.status).toMatchObject({ state: 'waiting', attempt: 2 })
    expect(client.states).toEqual(['waiting', 'connecting', 'waiting'])
  })

  test('gives way to one that does', async () => {
    await using world = new World()
    let fails = false
    const leader = world.openTab({
      token: () => (fails ? Promise.reject(new Error('logged out')) : fakeToken('alice')),
    })
    const follower = world.openTab()
    await world.time.settle()
    world.server.last.welcome({ connection: 'first' })
    await world.time.settle()
    fails = true
    world.server.last.end(1006)
    await world.time.pass(3_000)
    expect(world.server.sockets).toHaveLength(2)
    world.server.last.welcome({ connection: 'second' })
    await world.time.settle()
    expect(leader.inbox.status).toMatchObject({ state: 'open' })
    expect(follower.inbox.status).toMatchObject({ state: 'open' })
    expect(follower.errors).toEqual([])
    expect(leader.errors).toEqual(['token_failed'])
  })

  test('or whose token the service refuses, likewise', async () => {
    await using world = new World()
    const leader = world.openTab({ token: () => fakeToken('alice', 'old') })
    await world.time.settle()
    const follower = world.openTab({ token: () => fakeToken('alice', 'new') })
    for (let attempt = 0; attempt < 2; attempt++) {
      await world.time.pass(1)
      world.server.last.end(4401, 'token_expired')
    }
    await world.time.pass(1_000)
    expect(world.server.last.request.token).toBe(fakeToken('alice', 'new'))
    world.server.last.welcome({ connection: 'good' })
    await world.time.settle()
    expect(leader.inbox.status).toMatchObject({ state: 'open' })
    expect(follower.inbox.status).toMatchObject({ state: 'open' })
  })

  test('is not hastened by others whose tokens are refused too', async () => {
    await using world = new World()
    for (let tab = 0; tab < 3; tab++) world.openTab()
    await world.time.settle()
    const end = world.time.now + 120_000
    while (world.time.now < end) {
      if (!world.server.last.closedWith) world.server.last.end(4401, 'token_expired')
      await world.time.pass(100)
    }
    // One tab alone comes 9 times; they take turns, at half its waits at least.
    expect(world.server.sockets.length).toBeLessThan(25)
  })
})

describe('a leader that is stuck', () => {
  test('loses its lead to one that has asked for 10 s, and follows when it is back', async () => {
    await using world = new World()
    const { leader, follower, socket } = await openTwo(world)
    socket.notify(notification(1))
    await world.time.settle()
    leader.tab.freeze()
    socket.notify(notification(2))
    await world.time.pass(34_000)
    expect(world.server.sockets).toHaveLength(1)
    await world.time.pass(2_000)
    expect(world.server.sockets).toHaveLength(2)
    const { last: second } = world.server
    second.welcome({ connection: 'second', cursor: 1, latest: 2 })
    second.notify(notification(2), notification(3))
    await world.time.settle()
    expect(follower.seqs).toEqual([1, 2, 3])
    leader.tab.thaw()
    await world.time.settle()
    expect(socket.closedWith).toBe('abandoned')
    second.notify(notification(4))
    await world.time.settle()
    expect(leader.seqs).toEqual([1, 2, 3, 4])
    expect(leader.inbox.status).toMatchObject({ state: 'open' })
    expect(follower.seqs).toEqual([1, 2, 3, 4])
    await follower.inbox.close()
    await world.time.settle()
    expect(world.server.sockets).toHaveLength(3)
    expect(world.server.last.query).toMatchObject({ cursor: '4' })
  })

  test('is no leader whose service is silent', async () => {
    await using world = new World()
    const { tabs, socket } = await openTabs(world, 3)
    socket.answersPings = true
    await world.time.pass(300_000)
    expect(world.server.sockets).toHaveLength(1)
    expect(tabs.map(({ inbox }) => inbox.status.state)).toEqual(['open', 'open', 'open'])
  })
})

test('passes over what another version says', async () => {
  await using world = new World()
  const { tabs } = await openTabs(world, 2)
  for (const message of [
    undefined,
    null,
    'text',
    7,
    {},
    { kind: 'new' },
    { kind: 'frame', term: 'one' },
    { kind: 'connected', term: 1e15, connection: 'x', frames: [{ type: 'welcome' }] },
    {
      kind: 'command',
      connection: 'first',
      id: '1',
      command: { type: 'ack', payload: { seq: 5 } },
    },
  ]) {
    world.browser.say(message)
  }
  await world.time.settle()
  expect(tabs.flatMap(({ errors }) => errors)).toEqual([])
  expect(world.server.last.received).toEqual([])
  expect(tabs.map(({ inbox }) => inbox.status.state)).toEqual(['open', 'open'])
})

test('begins another life of the log in all tabs at once', async () => {
  await using world = new World()
  const { tabs, socket } = await openTabs(world, 2)
  socket.notify(notification(5))
  await world.time.settle()
  socket.end(1012)
  await world.time.pass(500)
  const { last: second } = world.server
  second.welcome({ connection: 'second', epoch: 'epoch-2', cursor: 0, latest: 0 })
  second.say({ type: 'gap', payload: { from: 0, to: 0, reason: 'epoch' } })
  second.notify(notification(1))
  world.server.list = { items: [notification(1)], epoch: 'epoch-2', latest: 1 }
  await world.time.pass(1_000)
  for (const { seqs, titles, heard } of tabs) {
    expect(seqs).toEqual([5, 1])
    expect(titles).toEqual(['1'])
    expect(heard.gap).toMatchObject([{ reason: 'epoch' }])
  }
})
