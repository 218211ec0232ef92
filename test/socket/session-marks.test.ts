import { expect, test } from 'vitest'
import type { Mark } from '../../src/protocol/mark.js'
import { PosthornError } from '../../src/protocol/errors.js'
import type { SessionContext } from '../../src/socket/session-context.js'
import { command } from './command.js'
import { MARKED_AT, MemoryLog, settled } from './memory-log.js'
import { openSession } from './session-fixture.js'

const MARKED = new Date(MARKED_AT).toISOString()

function logOf(count: number): MemoryLog {
  const log = new MemoryLog()
  for (let number = 1; number <= count; number++) log.append(String(number))
  return log
}

/** A store whose pages hold one entry. */
function onePerPage(log: MemoryLog): SessionContext['store'] {
  return { ...log.store, changes: (query) => log.store.changes({ ...query, limit: 1 }) }
}

test('tells of an entry that was marked, one step ahead, without a look at the store', async () => {
  const { socket, arrive, mark, log } = await openSession()
  const [first, second] = [arrive(), arrive()]
  const third = mark(first)
  mark(third)
  mark(second)
  expect(socket.entries).toEqual([
    ['notification', 1],
    ['notification', 2],
    ['updated', 3],
    ['updated', 4],
    ['updated', 5],
  ])
  expect(socket.messages.at(-1)).toMatchObject({
    payload: { id: log.at(2).id, readAt: MARKED, unread: 1, unseen: 0 },
  })
  expect(log.asked).toEqual([])
})

test('a session at 4 reads page [6] while an entry moves from 5 to 7; "5 was sent" is then false', async () => {
  const log = logOf(4)
  const { socket, session } = await openSession({ log, store: onePerPage(log) })
  expect(socket.seqs).toEqual([1, 2, 3, 4])
  // Each frame fills the buffer, so that the session stands at 6 when it hears of 7.
  socket.onSend = () => (socket.bufferedAmount += 300 * 1024)
  log.append('never sent')
  log.append('6')
  log.move(5)
  session.wake(log.wakeOf(6, false))
  await settled()
  expect(socket.seqs).toEqual([1, 2, 3, 4, 6])

  // The kernel takes the buffer, and before the socket tells of that comes the wake: the very next `seq`.
  socket.bufferedAmount = 0
  session.wake(log.wakeOf(7))
  await settled()
  expect(socket.entries.slice(4)).toEqual([
    ['notification', 6],
    ['notification', 7],
  ])
  expect(socket.messages.at(-1)).toMatchObject({
    payload: { notification: { title: 'never sent', arrivedSeq: 5, readAt: MARKED } },
  })
})

test('a late wake of an arrival tells nothing of where it stood, when a page has told that it moved', async () => {
  const log = logOf(2)
  log.hold()
  const { socket, session } = await openSession({ log })
  const late = log.wakeOf(2)
  log.move(2)
  // The first entry fills the buffer: the page that knows of the move is sent in part.
  socket.onSend = (text) => {
    if (text.includes('"notification"')) socket.bufferedAmount += 300 * 1024
  }
  await log.release()
  await settled()
  expect(socket.types).toEqual(['welcome', 'notification', 'caught_up'])

  socket.bufferedAmount = 0
  session.wake(late)
  await settled()
  expect(socket.entries).toEqual([
    ['notification', 1],
    ['notification', 3],
  ])
  expect(socket.messages.at(-1)).toMatchObject({ payload: { notification: { readAt: MARKED } } })
})

test.each([
  ['acknowledged, by its state', { skips: false }, 'updated'],
  ['skipped, whole', { skips: true }, 'notification'],
])(
  'asks the store for an entry that moved from before the start: what the device has %s',
  async (_what, how, type) => {
    const log = logOf(2)
    log.advance('phone', 2, how)
    const { socket, mark, arrive } = await openSession({ log })
    mark(1)
    await settled()
    expect(log.asked).toHaveLength(1)
    // It was told of now, so the next move of the same entry needs no look; nor does an arrival.
    mark(3)
    arrive()
    expect(log.asked).toHaveLength(1)
    expect(socket.entries).toEqual([
      [type, 3],
      ['updated', 4],
      ['notification', 5],
    ])
  },
)

test('asks the store for an entry that moved while nobody told, and gets it whole where it was not sent', async () => {
  const { socket, session, arrive, log } = await openSession()
  arrive('a')
  log.append('lost')
  log.move(2)
  // The wake of 2 is lost: that of 3 is two steps ahead.
  session.wake(log.wakeOf(3))
  await settled()
  expect(socket.entries).toEqual([
    ['notification', 1],
    ['notification', 3],
  ])
})

test('tells of each place once though wakes of moves are doubled, late or reordered', async () => {
  const { socket, session, arrive, log } = await openSession()
  arrive('a')
  for (const from of [1, 2, 3]) log.move(from)
  for (const seq of [4, 2, 3, 4, 2, 4]) session.wake(log.wakeOf(seq))
  await settled()
  expect(socket.entries).toEqual([
    ['notification', 1],
    ['notification', 4],
  ])
  // Late and in order, each of them is still the next: it is told as of then, and the last is the truth.
  for (const from of [4, 5]) log.move(from)
  for (const seq of [5, 5, 6]) session.wake(log.wakeOf(seq))
  await settled()
  expect(socket.entries.slice(2)).toEqual([
    ['updated', 5],
    ['updated', 6],
  ])
  expect(socket.messages.at(-1)).toMatchObject({ payload: { readAt: MARKED } })
})

test('sends everything whole where it starts below the stored cursor', async () => {
  const log = logOf(3)
  log.advance('phone', 3)
  log.move(1)
  const start = { kind: 'cursor', cursor: 2, epoch: log.epoch } as const
  const { socket } = await openSession({ log, request: { start } })
  expect(socket.entries).toEqual([
    ['notification', 3],
    ['notification', 4],
  ])
})

test('counts a mark against the window as it counts an arrival', async () => {
  const { socket, session, arrive, mark } = await openSession({ maxUnacked: 2 })
  arrive()
  const second = mark(1)
  mark(second)
  await settled()
  expect(socket.entries).toEqual([
    ['notification', 1],
    ['updated', 2],
  ])
  session.receive(command('ack', { seq: 1 }))
  await settled()
  expect(socket.entries.slice(2)).toEqual([['notification', 3]])
})

const RESULT = { updated: 1, unread: 0, unseen: 0, latest: 7 }

test('asks for a mark with the epoch of the welcome, and answers with its result', async () => {
  const asked: [string, Mark][] = []
  const marker: SessionContext['marker'] = {
    mark: (user, mark) => {
      asked.push([user, mark])
      return Promise.resolve(RESULT)
    },
  }
  const { session, socket } = await openSession({ marker })
  session.receive(command('mark', { action: 'read', upTo: 5, type: 'test', epoch: 'mine' }, 'm1'))
  session.receive(
    command('mark', { action: 'seen', ids: ['01990000-0000-7000-8000-000000000000'] }),
  )
  await settled()
  expect(asked).toEqual([
    ['alice', { action: 'read', upTo: 5, type: 'test', epoch: 'an-epoch' }],
    ['alice', { action: 'seen', ids: ['01990000-0000-7000-8000-000000000000'] }],
  ])
  // Without an id nobody waits for an answer.
  expect(socket.messages.slice(2)).toEqual([{ type: 'reply', id: 'm1', payload: RESULT }])
})

test.each([
  [new PosthornError('rate_limited', 'Too many.'), undefined],
  [new PosthornError('epoch_mismatch', 'Another log.'), undefined],
  [new Error('secret path /var/lib/posthorn.db'), 1011],
])('tells of a mark that fails with %s, and closes with %s', async (thrown, code) => {
  const { session, socket } = await openSession({ marker: { mark: () => Promise.reject(thrown) } })
  session.receive(command('mark', { action: 'read', upTo: 5 }, 'm1'))
  await settled()
  expect(socket.messages.at(-1)).toMatchObject({ type: 'error', id: 'm1' })
  expect(socket.errors).toEqual([thrown instanceof PosthornError ? thrown.code : 'internal'])
  expect(socket.closedWith?.code).toBe(code)
  expect(socket.frames.join('')).not.toContain('secret')
})
