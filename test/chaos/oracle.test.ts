import { expect, test } from 'vitest'
import type { Connection, Heard, History, LogEntry } from './history.js'
import { violations } from './oracle.js'

const came = (seq: number, id: string): Heard => ({
  type: 'notification',
  seq,
  id,
  isRead: false,
})

/** Three were sent; the first was read, so it stands at 4; the phone was cut off after two. */
function sound() {
  const entries: LogEntry[] = [
    { seq: 2, arrivedSeq: 2, id: 'b', title: 'key-b', isRead: false },
    { seq: 3, arrivedSeq: 3, id: 'c', title: 'key-c', isRead: false },
    { seq: 4, arrivedSeq: 1, id: 'a', title: 'key-a', isRead: true },
  ]
  const first: Connection = {
    user: 'ann',
    device: 'phone',
    cursor: undefined,
    epoch: 'e',
    strange: [],
    heard: [came(1, 'a'), came(2, 'b')],
  }
  const second: Connection = {
    user: 'ann',
    device: 'phone',
    cursor: 2,
    epoch: 'e',
    strange: [],
    heard: [came(3, 'c'), { type: 'updated', seq: 4, id: 'a', isRead: true }],
  }
  const log = { user: 'ann', epoch: 'e', latest: 4, unread: 2, unseen: 2, entries }
  const accepted = ['a', 'b', 'c'].map((id, index) => ({
    user: 'ann',
    key: `key-${id}`,
    id,
    seq: index + 1,
    poster: 1,
  }))
  const history: History = {
    accepted,
    connections: [first, second],
    logs: [log],
    read: new Set(['a']),
  }
  return { history, entries, log, accepted, first, second }
}

test('a run in which everything came, whatever was cut off between, is right', () => {
  expect(violations(sound().history)).toEqual([])
})

test('what was accepted and is in no log was lost', () => {
  const { history, accepted } = sound()
  accepted.push({ user: 'ann', key: 'key-d', id: 'd', seq: 5, poster: 1 })
  expect(violations(history)).toEqual(['ann: key-d was accepted at 5 and is not in the log'])
})

test('a key that stands in a log twice is noticed, and one that nobody was answered for', () => {
  const { history, entries, log } = sound()
  entries.push({ seq: 5, arrivedSeq: 5, id: 'd', title: 'key-c', isRead: false })
  entries.push({ seq: 6, arrivedSeq: 6, id: 'f', title: 'key-f', isRead: false })
  Object.assign(log, { latest: 6, unread: 4, unseen: 4 })
  expect(violations(history)).toEqual([
    'ann: key-c is in the log 2 times',
    'ann: key-f was never accepted, or twice',
    'ann/phone: never got key-c (d)',
    'ann/phone: never got key-f (f)',
  ])
})

test('two in one place are noticed', () => {
  const { history, accepted } = sound()
  const [, second] = accepted
  Object.assign(second ?? {}, { seq: 3 })
  expect(violations(history)).toEqual([
    'ann: key-b was accepted at 3 and stands at 2',
    'ann: key-c stands at 3, what was sent before at 3',
  ])
})

test('a hole in a log is noticed, and a log that goes beyond its end', () => {
  const { history, log } = sound()
  log.latest = 5
  expect(violations(history)).toEqual(['ann: nothing ever stood at 5'])
  log.latest = 3
  expect(violations(history)).toEqual(['ann: the log goes beyond its latest, 3'])
})

test('counts that are wrong are noticed', () => {
  const { history, log } = sound()
  Object.assign(log, { unread: 3, unseen: 1 })
  expect(violations(history)).toEqual(['ann: 3 unread, where 2 are', 'ann: 1 unseen, where 2 are'])
})

test('a mark that was answered and is not there is noticed', () => {
  const { history } = sound()
  expect(violations({ ...history, read: new Set(['a', 'b']) })).toEqual([
    'ann: b was marked as read and is not',
  ])
})

test('what one poster sent later and stands before is noticed', () => {
  const { history, accepted } = sound()
  accepted.reverse()
  expect(violations(history)).toEqual([
    'ann: key-b stands at 2, what was sent before at 3',
    'ann: key-a stands at 1, what was sent before at 2',
  ])
})

test('a message that a device never got is noticed', () => {
  const { history, second } = sound()
  second.heard.shift()
  expect(violations(history)).toEqual(['ann/phone: never got key-c (c)'])
})

test('a change that a device never heard of is noticed', () => {
  const { history, second } = sound()
  second.heard.pop()
  expect(violations(history)).toEqual(['ann/phone: has key-a at 1, the log at 4'])
})

test('a message that came twice in one connection is noticed', () => {
  const { history, first } = sound()
  first.heard.push(came(2, 'b'))
  expect(violations(history)).toEqual(['ann/phone: 2 came after 2 in one connection'])
})

test('messages that came in the wrong order are noticed', () => {
  const { history, first } = sound()
  first.heard.reverse()
  expect(violations(history)).toEqual(['ann/phone: 1 came after 2 in one connection'])
})

test('what a device has again that it said it has is noticed', () => {
  const { history, second } = sound()
  second.heard.unshift(came(2, 'b'))
  expect(violations(history)).toEqual(['ann/phone: 2 came after 2 in one connection'])
})

test('what is in no log is noticed where a device has it, and so is a change of what it never got', () => {
  const { history, second } = sound()
  second.heard.push(came(5, 'x'), { type: 'updated', seq: 6, id: 'y', isRead: true })
  expect(violations(history)).toEqual([
    'ann/phone: heard a change of y, which it had never got',
    'ann/phone: has x, which is not in the log',
  ])
})

test('a gap, a refusal and another life of the log are noticed', () => {
  const { history, first, second } = sound()
  first.strange.push('a gap from 1 to 2: retention')
  second.epoch = 'f'
  expect(violations(history)).toEqual([
    'ann/phone: a gap from 1 to 2: retention',
    'ann/phone: was in another life of the log',
  ])
})
