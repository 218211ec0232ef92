import { expect, test } from 'vitest'
import type { LogMove } from '../../src/inbox/wake.js'
import { Looks } from '../../src/socket/looks.js'
import { createLog } from '../../src/telemetry/log.js'
import { deferred, type Deferred } from '../deferred.js'
import { settled } from './memory-log.js'

const LOOK_MS = 30_000

/** Looks over a store that answers when the test lets it, for these users. */
function looksFor(users: readonly string[]) {
  const asked: { users: readonly string[]; answer: Deferred<Map<string, number>> }[] = []
  const moves: LogMove[] = []
  let now = 0
  const looks = new Looks({
    store: {
      latest: (meant) => {
        const answer = deferred<Map<string, number>>()
        asked.push({ users: meant, answer })
        return answer.promise
      },
    },
    users: () => users,
    wake: (move) => void moves.push(move),
    stopwatch: () => now,
    log: createLog({ level: 'silent', readable: false }),
    lookMs: LOOK_MS,
  })
  return {
    looks,
    asked,
    moves,
    /** Answers what was asked last. */
    answer: async (...found: [string, number][]) => {
      asked.at(-1)?.answer.resolve(new Map(found))
      await settled()
    },
    pass: (milliseconds: number) => {
      now += milliseconds
      looks.tick()
    },
  }
}

const only =
  (...meant: string[]) =>
  (user: string): boolean =>
    meant.includes(user)

test('looks at once for those who are meant, and wakes them', async () => {
  const { looks, asked, moves, answer } = looksFor(['alice', 'bob'])
  looks.lookFor(only('bob', 'carol'))
  expect(asked.map(({ users }) => users)).toEqual([['bob']])
  await answer(['bob', 7])
  expect(moves).toEqual([{ user: 'bob', seq: 7, change: undefined }])
})

test('looks once at a time, and once more for all that was asked for meanwhile', async () => {
  const { looks, asked, answer } = looksFor(['alice', 'bob', 'carol'])
  looks.lookFor(only('alice'))
  looks.lookFor(only('alice'))
  looks.lookFor(only('carol'))
  expect(asked).toHaveLength(1)
  await answer()
  expect(asked.map(({ users }) => users)).toEqual([['alice'], ['alice', 'carol']])
  await answer()
  expect(asked).toHaveLength(2)
})

test('looks for all where too many groups wait, and asks for a thousand at a time', async () => {
  const users = Array.from({ length: 1_500 }, (_, index) => `user ${index}`)
  const { looks, asked, answer } = looksFor(users)
  for (let group = 0; group < 100; group++) looks.lookFor(only('user 0'))
  await answer()
  expect(asked.map((question) => question.users.length)).toEqual([1, 1_000])
  await answer()
  expect(asked.map((question) => question.users.length)).toEqual([1, 1_000, 500])
})

test('looks for all every so often, and soon again after a look that failed', async () => {
  const { asked, answer, pass } = looksFor(['alice', 'bob'])
  pass(LOOK_MS - 1)
  expect(asked).toEqual([])
  pass(1)
  expect(asked.map(({ users }) => users)).toEqual([['alice', 'bob']])
  asked[0]?.answer.reject(new Error('the store does not answer'))
  await settled()
  pass(1_999)
  expect(asked).toHaveLength(1)
  pass(1)
  expect(asked).toHaveLength(2)
  await answer()
  pass(2_000)
  expect(asked).toHaveLength(2)
})

test('asks for nothing once it has stopped', async () => {
  const { looks, asked, answer, pass } = looksFor(['alice'])
  looks.lookFor(only('alice'))
  looks.lookFor(only('alice'))
  looks.stop()
  await answer()
  pass(LOOK_MS)
  looks.lookFor(only('alice'))
  expect(asked).toHaveLength(1)
})
