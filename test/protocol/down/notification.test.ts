import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { idInFrame, notificationFrame } from '../../../src/protocol/down/notification.js'
import { Down } from '../../../src/protocol/down/index.js'
import { updatedFrame } from '../../../src/protocol/down/updated.js'
import {
  Notification,
  notificationJson,
  type EntryState,
  type NotificationContent,
} from '../../../src/protocol/notification.js'

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })
const timestamp = time.map((at) => new Date(at).toISOString())
const text = fc.string({ unit: 'binary', maxLength: 40 })
const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null })

const content: fc.Arbitrary<NotificationContent> = fc.record({
  id: fc.uuid({ version: 7 }),
  type: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  title: orNull(text),
  body: orNull(text),
  url: orNull(text),
  icon: orNull(text),
  data: fc.jsonValue({ maxDepth: 4 }),
  priority: fc.constantFrom('low', 'normal', 'high', 'urgent'),
  collapseKey: orNull(text),
  topic: orNull(text),
  sender: text,
  createdAt: timestamp,
  expiresAt: orNull(timestamp),
})

const state: fc.Arbitrary<EntryState> = fc.record({
  seq: fc.maxSafeNat(),
  arrivedSeq: fc.maxSafeNat(),
  seenAt: orNull(time),
  readAt: orNull(time),
  archivedAt: orNull(time),
})

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** The notification that the two halves make. */
function whole(entry: EntryState, said: NotificationContent): unknown {
  const { seq, arrivedSeq, seenAt, readAt, archivedAt } = entry
  const marks = { seenAt: iso(seenAt), readAt: iso(readAt), archivedAt: iso(archivedAt) }
  // By way of JSON, which has one zero and no lone surrogates of its own.
  return JSON.parse(JSON.stringify({ ...said, seq, arrivedSeq, ...marks }))
}

test('joins state and content to the JSON of one notification, by its schema', () => {
  fc.assert(
    fc.property(state, content, (entry, said) => {
      const json: unknown = JSON.parse(notificationJson(entry, JSON.stringify(said)))
      expect(Notification.parse(json)).toEqual(whole(entry, said))
    }),
  )
})

test('writes a live frame with its counts, by the schema of what the server says', () => {
  fc.assert(
    fc.property(state, content, fc.nat(), fc.nat(), (entry, said, unread, unseen) => {
      const frame = notificationFrame(entry, JSON.stringify(said), { unread, unseen })
      expect(Down.parse(JSON.parse(frame))).toEqual({
        type: 'notification',
        payload: {
          seq: entry.seq,
          notification: whole(entry, said),
          replayed: false,
          unread,
          unseen,
        },
      })
    }),
  )
})

test('writes a replayed frame without counts', () => {
  fc.assert(
    fc.property(state, content, (entry, said) => {
      const frame = notificationFrame(entry, JSON.stringify(said), 'replayed')
      expect(Down.parse(JSON.parse(frame))).toEqual({
        type: 'notification',
        payload: { seq: entry.seq, notification: whole(entry, said), replayed: true },
      })
    }),
  )
})

test('the id of a notification is found in its frame, and in no other one', () => {
  const id = '0199a3c0-0000-7000-8000-000000000001'
  const untouched = { seq: 7, arrivedSeq: 3, seenAt: null, readAt: null, archivedAt: null }
  const archived = { ...untouched, seenAt: 1_000, readAt: 2_000, archivedAt: 3_000 }
  const contentJson = JSON.stringify({ id, data: { id: 'another', archivedAt: null } })
  const frames = [
    notificationFrame(untouched, contentJson, 'replayed'),
    notificationFrame(archived, contentJson, { unread: 2, unseen: 1 }),
    updatedFrame(untouched, id, 'replayed'),
    '{"type":"pong","payload":{}}',
  ]
  expect(frames.map(idInFrame)).toEqual([id, id, undefined, undefined])
})
