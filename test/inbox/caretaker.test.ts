import { expect, test, vi } from 'vitest'
import { Caretaker } from '../../src/inbox/caretaker.js'
import type { Store } from '../../src/inbox/store.js'
import type { LogMove } from '../../src/inbox/wake.js'
import { deferred } from '../deferred.js'
import { nobodyLive } from '../nobody-live.js'
import { AT, openInbox, told, type OpenedInbox } from './opened-inbox.js'
import { nobodyRevokes } from '../nothing-revoked.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** The operations that the caretaker asks of the store. */
const STEPS = ['due', 'expire', 'fire', 'stepFanOut', 'overfull', 'trim', 'forgettable'] as const
type Step = (typeof STEPS)[number]

/** A caretaker over a real store that notes what it is asked, and fails or waits where the test says so. */
function caretakerOf(inbox: OpenedInbox) {
  const asked: Step[] = []
  const reported: unknown[] = []
  const failing = new Set<Step>()
  let gate: Promise<void> | undefined
  const store = new Proxy<Store>(inbox.store, {
    get(target, name: keyof Store) {
      const operation = STEPS.find((step) => step === name)
      return async (input: never): Promise<unknown> => {
        if (operation) asked.push(operation)
        if (operation && failing.has(operation)) throw new Error(`${operation} fails`)
        const answer = await target[name](input)
        if (operation !== undefined && operation !== 'due') await gate
        return answer
      }
    },
  })
  const { wake, clock } = inbox
  const caretaker = new Caretaker({
    store,
    wake,
    live: nobodyLive,
    revoker: nobodyRevokes,
    clock,
    retentionMs: 30 * DAY_MS,
    report: (error) => reported.push(error),
  })
  return {
    caretaker,
    asked,
    reported,
    failing,
    count: (step: Step): number => asked.filter((name) => name === step).length,
    /** Holds the answers of all steps until the function that it returns is called; with an error they fail. */
    hold(): (error?: Error) => void {
      const { promise, resolve, reject } = deferred<void>()
      gate = promise
      return (error) => {
        gate = undefined
        if (error) reject(error)
        else resolve()
      }
    },
    [Symbol.asyncDispose]: () => caretaker.close(),
  }
}

/** Resolves with the next move that fits. */
function nextMove({ wake }: OpenedInbox, fits: (move: LogMove) => boolean): Promise<LogMove> {
  const { promise, resolve } = deferred<LogMove>()
  const unsubscribe = wake.subscribe((move) => {
    if (!fits(move)) return
    unsubscribe()
    resolve(move)
  })
  return promise
}

const ofKind = (kind: string) => (move: LogMove) => move.change?.kind === kind
const looks = (count: () => number, more = 2): Promise<unknown> => {
  const before = count()
  return vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(before + more), {
    timeout: 10_000,
    interval: 20,
  })
}

const deliverAt = (milliseconds: number) => new Date(AT + milliseconds).toISOString()
const toAlice = { to: { user: 'alice' }, type: 'test' }

test('finds at its start what has come due before, and later what comes due', async () => {
  await using inbox = await openInbox()
  await inbox.send({ ...toAlice, title: 'short', ttl: 10 })
  await inbox.send({ ...toAlice, title: 'second', deliverAt: deliverAt(9_000) })
  await inbox.send({ ...toAlice, title: 'first', deliverAt: deliverAt(8_000) })
  await inbox.send({ ...toAlice, title: 'last', deliverAt: deliverAt(20_000) })
  inbox.now += 10_000

  await using under = caretakerOf(inbox)
  const removed = nextMove(inbox, ofKind('removed'))
  const second = nextMove(inbox, ({ change }) => change?.kind === 'arrived' && change.unread > 1)
  under.caretaker.start()
  await Promise.all([removed, second])
  // Which of the two chores came first is open; among what was due the times decide.
  const titles = told(await inbox.log('alice')).map(([, what]) => what)
  expect(titles.filter((title) => title !== 'expired')).toEqual(['first', 'second'])
  expect(titles).toHaveLength(3)

  const last = nextMove(inbox, ofKind('arrived'))
  inbox.now += 10_000
  await last
  expect(told(await inbox.log('alice')).at(-1)).toEqual([5, 'last'])
  expect(under.reported).toEqual([])
})

test('brings to many what is for many, without waiting for a look where it is told to hurry', async () => {
  await using inbox = await openInbox()
  await inbox.send(toAlice)
  await inbox.send({ ...toAlice, to: { user: 'bob' } })
  await using under = caretakerOf(inbox)
  await inbox.send({ to: { everyone: true }, type: 'test', title: 'for all' })
  const arrived = nextMove(
    inbox,
    ({ user, change }) => user === 'bob' && change?.kind === 'arrived',
  )
  // It was never started: no look can have found it.
  under.caretaker.hurry()
  await arrived
  expect(told(await inbox.log('alice')).at(-1)).toEqual([2, 'for all'])
  expect(under.count('due')).toBe(0)
})

test('asks for the next step of what is for many before it tells of the last one', async () => {
  await using inbox = await openInbox()
  await inbox.send(toAlice)
  await using under = caretakerOf(inbox)
  await inbox.send({ to: { everyone: true }, type: 'test', title: 'for all' })
  const asked: number[] = []
  inbox.wake.subscribe(() => asked.push(under.count('stepFanOut')))
  const arrived = nextMove(inbox, ofKind('arrived'))
  under.caretaker.hurry()
  await arrived
  expect(asked).toEqual([2])
})

test('waits for the step under way where the last one can not be told of, though that step fails', async () => {
  await using inbox = await openInbox()
  await inbox.send(toAlice)
  await using under = caretakerOf(inbox)
  await inbox.send({ to: { everyone: true }, type: 'test', title: 'for all' })
  const untold = new Error('nobody can be told')
  const { promise: release, resolve: hold } = deferred<(error: Error) => void>()
  inbox.wake.subscribe(() => {
    hold(under.hold())
    throw untold
  })
  under.caretaker.hurry()
  const fail = await release
  expect(under.count('stepFanOut')).toBe(2)
  let closed = false
  const closing = under.caretaker.close().then(() => (closed = true))
  // Whatever waits for the disk by now has been answered.
  await inbox.store.check()
  expect(closed).toBe(false)
  // Without an owner this would be an unhandled rejection, which fails the run.
  fail(new Error('the step fails too'))
  await closing
  expect(under.reported).toEqual([untold])
})

test.each([
  ['can not be asked', 'due'],
  ['can be read, and not written', 'expire'],
] as const)('reports once that the store %s, and goes on when it is back', async (_what, step) => {
  await using inbox = await openInbox()
  await inbox.send({ ...toAlice, ttl: 10 })
  inbox.now += 10_000
  await using under = caretakerOf(inbox)
  under.failing.add(step)
  under.caretaker.start()
  await looks(() => under.count(step), 3)
  expect(under.reported).toEqual([new Error(`${step} fails`)])

  const removed = nextMove(inbox, ofKind('removed'))
  under.failing.clear()
  await removed
  // It is told anew when it fails anew.
  under.failing.add(step)
  await inbox.send({ ...toAlice, ttl: 10 })
  inbox.now += 10_000
  await looks(() => under.count(step), 3)
  expect(under.reported).toHaveLength(2)
})

test('goes through the inboxes once at the start, and again a minute later by the clock', async () => {
  await using inbox = await openInbox()
  await inbox.send(toAlice)
  await using under = caretakerOf(inbox)
  under.caretaker.start()
  await looks(() => under.count('due'), 3)
  expect(under.count('forgettable')).toBe(1)
  inbox.now += 59_999
  await looks(() => under.count('due'))
  expect(under.count('forgettable')).toBe(1)
  inbox.now += 1
  await looks(() => under.count('forgettable'), 1)
  const counts = nextMove(inbox, ofKind('counts'))
  inbox.now += 31 * DAY_MS
  await counts
  expect(await inbox.log('alice')).toEqual([])
})

test('goes through them although the clock was set back', async () => {
  await using inbox = await openInbox()
  inbox.now += 400 * DAY_MS
  await using under = caretakerOf(inbox)
  under.caretaker.start()
  await looks(() => under.count('forgettable'), 1)
  inbox.now -= 300 * DAY_MS
  await looks(() => under.count('forgettable'), 1)
  await inbox.send(toAlice)
  const counts = nextMove(inbox, ofKind('counts'))
  inbox.now += 31 * DAY_MS
  await counts
  expect(await inbox.log('alice')).toEqual([])
})

test('ends with the steps under way and takes no other, however often it is closed', async () => {
  await using inbox = await openInbox()
  for (let count = 0; count < 251; count++) await inbox.send({ ...toAlice, ttl: 10 })
  inbox.now += 10_000
  await using under = caretakerOf(inbox)
  const release = under.hold()
  under.caretaker.start()
  await vi.waitFor(() => expect(under.count('expire')).toBe(1), { timeout: 10_000, interval: 5 })
  const seen = under.asked.length
  let closed = 0
  const closing = [under.caretaker.close(), under.caretaker.close()].map((close) =>
    close.then(() => closed++),
  )
  // Whatever waits for the disk by now has been answered.
  await inbox.store.check()
  expect(closed).toBe(0)
  release()
  await Promise.all(closing)
  under.caretaker.hurry()
  await inbox.store.check()
  expect(under.asked).toHaveLength(seen)
  // One step was taken of the two that it needed; the other is for the next start.
  expect(inbox.moves.filter(ofKind('removed'))).toHaveLength(250)
  await under.caretaker.close()
})

test('starts nothing that a look finds while it is being closed', async () => {
  await using inbox = await openInbox()
  await inbox.send({ ...toAlice, ttl: 10 })
  inbox.now += 10_000
  await using under = caretakerOf(inbox)
  under.caretaker.start()
  // The first look is under way: its answer comes after this.
  await under.caretaker.close()
  await inbox.store.check()
  expect(under.asked).toEqual(['due'])
})
