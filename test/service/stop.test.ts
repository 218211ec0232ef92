import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isSqlite } from '../back-ends/database.js'
import { serviceToken, startService, temporaryFolder } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { shortOf } from '../http/problem-of.js'

test.each(['SIGTERM', 'SIGINT'] as const)(
  'answers what is under way on %s, closes sockets 1012 and exits 0',
  async (signal) => {
    using folder = temporaryFolder()
    const databasePath = join(folder.path, 'posthorn.db')
    await using service = await ServiceProcess.start(databasePath)
    const { api } = service
    await using client = await api.connect('alice')
    await client.first('caught_up')
    const token = await serviceToken()

    const answers = Array.from({ length: 50 }, () =>
      api.post({ to: { user: 'alice' }, type: 'test' }, { token }).then(
        ({ status }) => status,
        () => 'refused',
      ),
    )
    await client.received(1)
    service.signal(signal)
    const statuses = await Promise.all(answers)

    expect((await client.closed).code).toBe(1012)
    expect(await service.exited).toEqual({ code: 0, signal: null })
    expect(service.log.at(-1)).toMatchObject({ msg: 'stopped' })
    expect(statuses.every((status) => [201, 503, 'refused'].includes(status))).toBe(true)

    // What was promised is there; what was not promised may be, since an answer can be lost on the way.
    const promised = statuses.filter((status) => status === 201).length
    expect(promised).toBeGreaterThan(0)
    await using again = await ServiceProcess.start(databasePath)
    await using reader = await again.api.connect('alice')
    await reader.first('caught_up')
    expect(reader.seqs.length).toBeGreaterThanOrEqual(promised)
  },
)

test('exits in time though a client never finishes its request and another never answers the close', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    SHUTDOWN_TIMEOUT_MS: '2000',
  })
  const { hostname, port } = new URL(service.api.url)
  const slow = createConnection(Number(port), hostname)
  slow.on('error', () => undefined)
  const cut = new Promise((resolve) => slow.once('close', resolve))
  await new Promise<void>((resolve) => slow.once('connect', resolve))
  slow.write(
    `POST /v1/notifications HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${await serviceToken()}\r\n` +
      'Content-Length: 100\r\n\r\n{"to":',
  )
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  client.socket.pause()

  service.signal('SIGTERM')
  expect(await service.exited).toEqual({ code: 0, signal: null })
  await cut
  client.socket.resume()
})

test('tells sockets when to come back, each at another time, while `readyz` says that it is on its way out', async () => {
  await using service = await startService({ limits: { drainSliceMs: 3_000 } })
  const { api } = service
  const devices = ['phone', 'laptop', 'tablet', 'watch']
  const clients = await Promise.all(devices.map((device) => api.connect('alice', { device })))
  for (const client of clients) await client.first('caught_up')
  const closed = service.close()
  const told = await Promise.all(clients.map((client) => client.first('draining')))
  const waits = told.map(({ payload }) => payload.reconnectAfterMs)
  expect(waits.every((wait) => wait >= 0 && wait < 1_000)).toBe(true)
  expect(new Set(waits).size).toBeGreaterThan(1)
  expect(await shortOf(await api.request('/readyz'))).toBe('503 shutting_down')
  await expect(api.connect('bob')).rejects.toThrow('503')
  for (const client of clients) {
    expect(await client.closed).toEqual({ code: 1012, reason: 'restart' })
  }
  await closed
})

test('lets `readyz` fail first on SIGTERM, and serves all others meanwhile', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    SHUTDOWN_TIMEOUT_MS: '600000',
  })
  const { api } = service
  await using client = await api.connect('alice')
  await client.first('caught_up')
  service.signal('SIGTERM')
  while ((await api.request('/readyz')).status === 200);
  expect(await shortOf(await api.request('/readyz'))).toBe('503 shutting_down')
  const { seq } = await api.send('alice', 'the last')
  await client.received(1)
  expect(client.seqs).toEqual([seq])
  await using late = await api.connect('bob')
  await late.first('caught_up')
  service.signal('SIGTERM')
  expect(await service.exited).toEqual({ code: null, signal: 'SIGTERM' })
})

test('ends at once on a second signal', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    SHUTDOWN_TIMEOUT_MS: '600000',
  })
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  service.signal('SIGINT')
  await client.first('draining')
  service.signal('SIGINT')
  expect(await service.exited).toEqual({ code: null, signal: 'SIGINT' })
})

test('does not wait for a connection that never sent a request', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    SHUTDOWN_TIMEOUT_MS: '600000',
  })
  const { hostname, port } = new URL(service.api.url)
  const silent = createConnection(Number(port), hostname)
  await new Promise<void>((resolve) => silent.once('connect', resolve))
  // The service has taken it before one that came later was answered.
  await service.api.request('/healthz')
  const ended = new Promise((resolve) => silent.once('close', resolve))
  silent.on('error', () => undefined)
  service.signal('SIGINT')
  expect(await service.exited).toEqual({ code: 0, signal: null })
  await ended
})

test.runIf(isSqlite())(
  'leaves one file, its write-ahead log taken in, and starts again from it',
  async () => {
    using folder = temporaryFolder()
    const databasePath = join(folder.path, 'posthorn.db')
    {
      await using service = await ServiceProcess.start(databasePath)
      await service.api.send('alice', 'kept')
      service.signal('SIGTERM')
      await service.exited
    }
    expect(existsSync(`${databasePath}-wal`)).toBe(false)
    await using service = await ServiceProcess.start(databasePath)
    await using client = await service.api.connect('alice')
    await client.first('caught_up')
    expect(client.titles).toEqual(['kept'])
  },
)
