import { expect, test } from 'vitest'
import { changeFrame } from '../../../src/inbox/stores/change-frame.js'
import type { Change } from '../../../src/inbox/store.js'
import {
  acknowledge,
  ALL,
  markIds,
  numbers,
  openDevice,
  readChanges,
  send,
  sendMany,
} from '../contract/store-under-test.js'
import { textsIn } from '../../told-entries.js'
import { openSqlite } from './files.js'

// Most pages are joined by the query itself, in place of `changeFrame`: it must say the same, to the byte.

test('the query joins the very frames that the protocol has, replayed and live', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  for (const title of ['plain', `"quoted" 'so' \\ \n ü…😀`, '', 'CONTENT 900000000000001', ':at']) {
    await send(store, 'alice', { title, data: { frame: '{"type":"notification","payload":{' } })
  }
  const query = { user: 'alice', after: 1, ...ALL, replayedTo: 3 }
  const { arrays, unread, unseen } = await store.changes(query)
  const { entries } = await readChanges(store, query)
  expect(arrays.map(({ seqs }) => seqs)).toEqual([
    [2, 3],
    [4, 5],
  ])
  const counts = { unread, unseen }
  const frame = (change: Change) => changeFrame(change, change.seq <= 3 ? 'replayed' : counts)
  expect(textsIn(arrays)).toEqual(entries.map(frame))
})

test('arrays have at most 64 frames, and each ends where the page does', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  await sendMany(store, 'alice', 150)
  const lengths = async (limit: number, replayedTo?: number) => {
    const query = { user: 'alice', after: 0, ...ALL, limit, ...(replayedTo && { replayedTo }) }
    const { arrays, through } = await store.changes(query)
    expect(arrays.flatMap(({ seqs }) => seqs)).toEqual(numbers(1, through))
    return arrays.map(({ seqs }) => seqs.length)
  }
  expect(await lengths(1_000)).toEqual([64, 64, 22])
  expect(await lengths(128)).toEqual([64, 64])
  expect(await lengths(70)).toEqual([64, 6])
  expect(await lengths(1_000, 70)).toEqual([64, 6, 64, 16])
})

test('what is of another kind, or large, stands in its place among the others', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  const [first = '', second = ''] = await sendMany(store, 'alice', 2)
  await openDevice(store, 'alice', 'phone')
  await acknowledge(store, 'alice', 'phone', 2)
  await send(store, 'alice', { title: 'small' })
  await markIds(store, 'alice', 'seen', [first])
  const { receipt } = await send(store, 'alice', { title: 'large'.repeat(5_000) })
  await send(store, 'alice', { title: 'last' })
  const reader = { device: 'phone', startedAt: 2 }
  const { entries } = await readChanges(store, { user: 'alice', reader, after: 0, ...ALL })
  expect(entries.map(({ kind, seq }) => [kind, seq])).toEqual([
    ['state', 2],
    ['whole', 3],
    ['state', 4],
    ['whole', 5],
    ['whole', 6],
  ])
  expect(entries).toMatchObject([{ id: second }, {}, { id: first }, {}, {}])
  const large = await store.entry({ user: 'alice', id: receipt.id })
  expect(entries[3]).toEqual({ kind: 'whole', ...large })
})

test('an array that was cut holds no memory beyond its own', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  await sendMany(store, 'alice', 10)
  const { arrays } = await store.changes({ user: 'alice', after: 0, ...ALL, maxBytes: 1 })
  expect(arrays.map(({ seqs }) => seqs)).toEqual([[1]])
  expect(arrays.map(({ bytes }) => bytes.buffer.byteLength - bytes.length)).toEqual([0])
})
