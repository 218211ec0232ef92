import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { startService } from '../harness.js'

/** Does something to the database behind the service's back. */
function meddle(path: string, sql: string): void {
  const database = new Database(path)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

test('closes 1011 where the store fails, without a word of the cause, and goes on when it is mended', async () => {
  await using service = await startService()
  const { api, databasePath } = service
  await api.send('alice', 'kept')
  await using client = await api.connect('alice')
  await client.received(1)

  meddle(databasePath, 'ALTER TABLE devices RENAME TO devices_of_nobody')
  client.acknowledge(1, 'a1')
  await using newcomer = await api.connect('alice', { device: 'laptop' })
  for (const hit of [client, newcomer]) {
    expect(await hit.closed).toEqual({ code: 1011, reason: 'internal' })
    const { payload } = hit.all('error')[0] ?? {}
    expect(payload).toMatchObject({ code: 'internal', retryable: true })
    expect(hit.frames.join('')).not.toMatch(/devices|sqlite|table/i)
  }

  meddle(databasePath, 'ALTER TABLE devices_of_nobody RENAME TO devices')
  await using next = await api.connect('alice')
  await next.first('caught_up')
  expect(next.titles).toEqual(['kept'])
})

test('closes 1013 while the store can not write, and goes on when it can', async () => {
  await using service = await startService()
  const { api, databasePath } = service
  await api.send('alice', 'kept')
  const other = new Database(databasePath)
  try {
    // Another program holds the lock, for longer than the service waits for it.
    other.exec('BEGIN IMMEDIATE')
    await using client = await api.connect('alice')
    expect(await client.closed).toEqual({ code: 1013, reason: 'store_unavailable' })
    expect(client.all('error')).toMatchObject([
      { payload: { code: 'store_unavailable', retryable: true } },
    ])
    other.exec('ROLLBACK')
  } finally {
    other.close()
  }
  await using next = await api.connect('alice')
  await next.first('caught_up')
  expect(next.titles).toEqual(['kept'])
})

test('closes 1012 when it stops, whatever state a connection is in, and has everything when it is back', async () => {
  await using service = await startService()
  const { api, databasePath } = service
  await using reading = await api.connect('alice')
  await reading.first('caught_up')
  await api.send('alice', 'kept')
  await using waiting = await api.connect('alice', { credential: 'none', device: 'waiting' })
  await service.close()
  expect(await reading.closed).toEqual({ code: 1012, reason: 'restart' })
  expect(await waiting.closed).toEqual({ code: 1012, reason: 'restart' })

  await using again = await startService({ folder: dirname(databasePath) })
  await using next = await again.api.connect('alice')
  await next.first('caught_up')
  expect(next.titles).toEqual(['kept'])
})
