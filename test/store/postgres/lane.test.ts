import { afterEach, describe, expect, test, vi } from 'vitest'
import { openDevice, sendCommand } from '../contract/store-under-test.js'
import { hasPostgres, openPostgres } from './files.js'

afterEach(() => void vi.restoreAllMocks())

describe.skipIf(!hasPostgres)('the lane of writes on PostgreSQL', () => {
  test('takes all that is asked for at once after a long rest', async () => {
    await using opened = await openPostgres()
    const { store } = opened
    await store.send(sendCommand('alice', { title: 'before' }))
    const later = performance.now() + 60 * 60 * 1_000
    vi.spyOn(performance, 'now').mockReturnValue(later)
    const [, , ...sent] = await Promise.all([
      openDevice(store, 'alice', 'phone'),
      openDevice(store, 'alice', 'laptop'),
      store.send(sendCommand('alice', { title: 'after' })),
      store.send(sendCommand('bob', { title: 'after' })),
    ])
    expect(sent).toMatchObject([{ receipt: { seq: 2 } }, { receipt: { seq: 1 } }])
  })
})
