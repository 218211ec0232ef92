import { expect, test } from 'vitest'
import { isSqlite } from '../back-ends/database.js'
import { startService, tokenFor } from '../harness.js'
import { measure, measuredUntil } from '../measured.js'
import { hasPromtool, promtool } from '../promtool.js'

test('counts what is accepted, sent live, replayed and acknowledged', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  await using phone = await api.connect('alice')
  await phone.first('caught_up')
  await api.sendMany('alice', 2, 4)
  await phone.received(5)
  await phone.acknowledgeAndWait(4)

  const measured = await measure(service)
  expect(measured.value('posthorn_notifications_accepted_total')).toBe(5)
  expect(measured.value('posthorn_entries_sent_total', { how: 'replayed' })).toBe(3)
  expect(measured.value('posthorn_entries_sent_total', { how: 'live' })).toBe(2)
  expect(measured.value('posthorn_entries_acknowledged_total')).toBe(4)
  // Only what came live says how long it took.
  expect(measured.value('posthorn_accept_to_sent_seconds_count')).toBe(2)
  expect(measured.value('posthorn_accept_to_acknowledged_seconds_count')).toBe(1)
  expect(measured.value('posthorn_connections')).toBe(1)
  expect(measured.value('posthorn_sessions_replaying')).toBe(0)
  expect(measured.value('posthorn_users')).toBe(1)
})

test('tells of full windows, and of who is replaying meanwhile', async () => {
  await using service = await startService({ environment: { MAX_UNACKED: '2' } })
  const { api } = service
  await api.sendMany('alice', 5)
  await using phone = await api.connect('alice')
  await phone.received(2)
  const full = await measure(service)
  expect(full.value('posthorn_windows_filled_total')).toBe(1)
  expect(full.value('posthorn_sessions_window_full')).toBe(1)
  expect(full.value('posthorn_sessions_replaying')).toBe(1)

  await phone.acknowledgeAndWait(2)
  await phone.received(4)
  await phone.acknowledgeAndWait(4)
  await phone.first('caught_up')
  const read = await measure(service)
  expect(read.value('posthorn_windows_filled_total')).toBe(2)
  expect(read.value('posthorn_sessions_window_full')).toBe(0)
  expect(read.value('posthorn_sessions_replaying')).toBe(0)
})

test('counts gaps by their reason', async () => {
  await using service = await startService({ environment: { INBOX_LIMIT: '2' } })
  const { api } = service
  await api.sendMany('alice', 5)
  await using phone = await api.connect('alice')
  await phone.first('gap')
  await using stray = await api.connect('alice', {
    device: 'tablet',
    query: { cursor: '1', epoch: 'another' },
  })
  await stray.first('caught_up')
  const measured = await measure(service)
  expect(measured.value('posthorn_gaps_sent_total', { reason: 'retention' })).toBe(2)
  expect(measured.value('posthorn_gaps_sent_total', { reason: 'epoch' })).toBe(1)
})

test('counts closes by their code and by who closed; a code that is made up counts as other', async () => {
  await using service = await startService()
  const { api } = service
  const one = await api.connect('alice')
  await one.close()
  const two = await api.connect('alice')
  two.socket.close(4999)
  await two.closed
  const three = await api.connect('alice')
  three.socket.send(Buffer.from('binary'))
  await three.closed

  const measured = await measuredUntil(
    service,
    (now) => now.value('posthorn_closes_total', { code: '1003', by: 'service' }) === 1,
  )
  expect(measured.value('posthorn_closes_total', { code: '1000', by: 'client' })).toBe(1)
  expect(measured.value('posthorn_closes_total', { code: 'other', by: 'client' })).toBe(1)
  expect(measured.text).not.toContain('"4999"')
})

test('counts who was not let in, by code, wherever that was', async () => {
  await using service = await startService()
  const { api } = service
  const expired = await tokenFor('alice', {}, { ttlSeconds: -3_600 })
  await api.request('/v1/inbox')
  await api.request('/v1/inbox', { token: 'garbage' })
  await api.request('/v1/inbox', { token: expired })
  await api.post({}, { token: await tokenFor('alice') })
  await expect(api.connect('alice', { token: 'garbage' })).rejects.toThrow('401')
  const shown = await api.connect('alice', { token: expired, credential: 'subprotocol' })
  expect((await shown.closed).code).toBe(4401)
  await using renewing = await api.connect('alice')
  await renewing.first('caught_up')
  renewing.send({ type: 'authenticate', payload: { token: await tokenFor('bob') } })
  expect((await renewing.closed).code).toBe(4403)

  const measured = await measure(service)
  expect(measured.above0('posthorn_authentication_failures_total')).toEqual(
    [
      ['http', 'insufficient_scope'],
      ['http', 'invalid_token'],
      ['http', 'missing_token'],
      ['http', 'token_expired'],
      ['socket', 'invalid_token'],
      ['socket', 'principal_changed'],
      ['socket', 'token_expired'],
    ].map(([at, code]) => `posthorn_authentication_failures_total{at="${at}",code="${code}"}`),
  )
})

test('tells requests by their route, never by their path', async () => {
  await using service = await startService()
  const { api } = service
  const token = await tokenFor('shop', { scope: 'posthorn:users' })
  await api.request('/v1/users/someone-in-particular/devices', { token })
  await api.request('/v1/users/someone-else/devices', { token })
  await api.request('/v1/users/someone-else/devices')
  await api.request('/nowhere/at-all', { method: 'PROPFIND' })
  const measured = await measure(service)
  const route = '/v1/users/{user}/devices'
  const counted = (status: string): number | undefined =>
    measured.value('posthorn_http_requests_total', { route, method: 'GET', status })
  expect([counted('200'), counted('401')]).toEqual([2, 1])
  expect(
    measured.value('posthorn_http_requests_total', {
      route: 'none',
      method: 'other',
      status: '404',
    }),
  ).toBe(1)
  expect(measured.value('posthorn_http_request_seconds_count', { route, method: 'GET' })).toBe(3)
  expect(measured.text).not.toMatch(/someone|nowhere|PROPFIND/)
})

test('tells of commits, queues, jobs and sizes of the store', async () => {
  await using service = await startService()
  const { api } = service
  await Promise.all(Array.from({ length: 20 }, (_, number) => api.send(`user-${number}`, 'x')))
  const measured = await measure(service)
  // What the service does by itself may have shared a commit with them.
  expect(measured.value('posthorn_store_commit_writes_sum')).toBeGreaterThanOrEqual(20)
  expect(measured.value('posthorn_store_commit_seconds_count')).toBe(
    measured.value('posthorn_store_commit_writes_count'),
  )
  expect(measured.value('posthorn_store_requests_waiting', { thread: 'writer' })).toBe(0)
  expect(measured.value('posthorn_store_ready')).toBe(1)
  expect(measured.value('posthorn_fan_out_jobs', { work: 'deliver', state: 'running' })).toBe(0)
  expect(measured.value('posthorn_store_file_bytes', { file: 'database' })).toBeGreaterThan(0)
})

test.runIf(isSqlite())('tells how much room is left on the disk that holds the file', async () => {
  await using service = await startService()
  const measured = await measure(service)
  expect(measured.value('posthorn_store_disk_free_bytes')).toBeGreaterThan(0)
})

test('names nobody: labels have few values, and none of a user, a device or a token', async () => {
  await using service = await startService()
  const { api } = service
  const token = await tokenFor('quentin')
  await using phone = await api.connect('quentin', { token, device: 'quentins-phone' })
  await phone.first('caught_up')
  await api.send('quentin', 'a very private title')
  await phone.received(1)
  const measured = await measure(service)
  for (const secret of ['quentin', 'private', 'shop', token.slice(0, 20)]) {
    expect(measured.text).not.toContain(secret)
  }
  expect([...measured.labels].toSorted()).toEqual(
    [
      'at',
      'by',
      'code',
      'file',
      'how',
      'le',
      'method',
      'node',
      'percentile',
      'reason',
      'route',
    ].concat(
      ['state', 'status', 'thread', 'version'],
      // What nodes say to each other.
      isSqlite() ? [] : ['what'],
      ['work'],
    ),
  )
})

test('two services of one process each count their own', async () => {
  await using one = await startService()
  await using two = await startService()
  await one.api.send('alice', 'x')
  expect((await measure(one)).value('posthorn_notifications_accepted_total')).toBe(1)
  expect((await measure(two)).value('posthorn_notifications_accepted_total')).toBe(0)
})

test.skipIf(!hasPromtool())('is what Prometheus expects, names and units too', async () => {
  await using service = await startService()
  await service.api.send('alice', 'x')
  expect(promtool(['check', 'metrics'], (await measure(service)).text)).toBe('')
})
