import { expect, test } from 'vitest'
import { changes } from '../../src/inbox/changes.js'
import { AT, send, sendMany } from '../store/contract/store-under-test.js'
import { entriesIn } from '../told-entries.js'
import { openSqlite } from '../store/sqlite/files.js'

const clock = () => AT

test('gives what comes after a position of this log, its end included', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  await sendMany(store, 'alice', 3)
  const { epoch } = await store.head('alice')
  const after = async (after: number) => {
    const page = await changes({ store, clock }, { user: 'alice', after, epoch, limit: 2 })
    return [entriesIn(page).map(({ seq }) => seq), page.through]
  }
  expect(await after(0)).toEqual([[1, 2], 2])
  expect(await after(2)).toEqual([[3], 3])
  expect(await after(3)).toEqual([[], 3])
})

test('refuses a position of another epoch, or ahead of the log', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  await sendMany(store, 'alice', 3)
  const { epoch } = await store.head('alice')
  for (const position of [
    { after: 0, epoch: 'another' },
    { after: 4, epoch },
  ]) {
    const asked = changes({ store, clock }, { user: 'alice', limit: 10, ...position })
    await expect(asked).rejects.toMatchObject({ code: 'epoch_mismatch' })
  }
})

test('a page holds some 256 KiB at most, so that large entries cost no more memory than small ones', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  for (let count = 0; count < 10; count++) await send(store, 'alice', { title: 'x'.repeat(60_000) })
  const { epoch } = await store.head('alice')
  const page = await changes({ store, clock }, { user: 'alice', after: 0, epoch, limit: 100 })
  expect(entriesIn(page).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  expect(page.through).toBe(5)
})
