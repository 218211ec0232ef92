import { describe, expect, test } from 'vitest'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { ROOMY } from '../contract/store-under-test.js'
import { ask, hasPostgres, makeDatabase } from './files.js'

const open = (url: string, newEpoch: boolean): Promise<PostgresStore> =>
  PostgresStore.open({ url, bounds: ROOMY, node: 'one', newEpoch })

describe.skipIf(!hasPostgres)('another life of all logs, on PostgreSQL', () => {
  test('is not begun while a node serves the former one', async () => {
    await using database = await makeDatabase()
    const { url } = database
    const former = await open(url, false)
    const life = 'a life'
    await former.cluster.beginLife({ life, leaseMs: 60_000 })
    await expect(open(url, true)).rejects.toThrow('Other nodes serve this database')
    await former.cluster.endLife({ life })
    await former.close()
    const next = await open(url, true)
    expect(next.epoch).not.toBe(former.epoch)
    await next.close()
  })

  test('is begun after a node was killed, when its lease has run out', async () => {
    await using database = await makeDatabase()
    const { url } = database
    const former = await open(url, false)
    await former.cluster.beginLife({ life: 'a life', leaseMs: 60_000 })
    await former.close()
    await ask(url, `UPDATE nodes SET alive_until = clock_timestamp() - interval '1 second'`)
    const next = await open(url, true)
    expect(next.epoch).not.toBe(former.epoch)
    await next.close()
  })
})
