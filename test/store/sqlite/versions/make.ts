import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import { serviceToken, temporaryFolder, tokenFor, type Api } from '../../../harness.js'
import { ServiceProcess } from '../../../process.js'
import { SERVICE, type VersionRecord } from './record.js'

// Fills a database by the program that POSTHORN_MAIN names, of an earlier version, and writes the file and what that program
// told of it beside this one: README.md says how. What a version doesn't know, its files don't hold.

const CROWD = 1_500
const SCOPES = 'posthorn:send posthorn:broadcast posthorn:read posthorn:topics posthorn:users'
const Receipt = z.looseObject({ id: z.string() })
const Fate = z.looseObject({ recipients: z.object({ total: z.number(), stored: z.number() }) })
const Devices = z.looseObject({ items: z.array(z.looseObject({ online: z.boolean() })) })

const [name = ''] = process.argv.slice(2)
const KEYED = { key: 'order-1', body: { to: { user: 'alice' }, type: 'order', title: 'By key' } }

using folder = temporaryFolder()
const path = join(folder.path, 'posthorn.db')
const record = await fill(path)
{
  const connection = new Database(path)
  connection.pragma('wal_checkpoint(TRUNCATE)')
  connection.close()
}
for (const [ending, bytes] of [
  ['db', readFileSync(path)],
  ['json', Buffer.from(JSON.stringify(record))],
] as const) {
  writeFileSync(new URL(`${name}.${ending}.gz`, import.meta.url), gzipSync(bytes, { level: 9 }))
}

async function fill(databasePath: string): Promise<VersionRecord> {
  await using service = await ServiceProcess.start(databasePath)
  const { api } = service
  const asService = await serviceToken(SCOPES)
  const ask = async (body: unknown, to = '/v1/notifications', method = 'POST') =>
    api.request(to, { method, token: asService, body })
  const ids: string[] = []
  const send = async (body: Record<string, unknown>): Promise<string | undefined> => {
    const answer = await ask({ type: 'test', ...body })
    if (!answer.ok) return undefined
    const { id } = Receipt.parse(await answer.json())
    ids.push(id)
    return id
  }

  const toAlice = { to: { user: 'alice' } }
  for (let number = 1; number <= 9; number++) {
    await send({ ...toAlice, title: `Number ${number}`, data: { number }, priority: 'high' })
  }
  await send({ to: { users: ['alice', 'bob', 'carol'] }, title: 'To three', url: '/here' })
  const keyed = await api.post(KEYED.body, {
    token: asService,
    headers: { 'idempotency-key': KEYED.key },
  })
  const receipt = Receipt.parse(await keyed.json())
  await send({ ...toAlice, title: 'First of a key', collapseKey: 'k' })
  await send({ ...toAlice, title: 'Second of a key', collapseKey: 'k' })
  await send({ ...toAlice, title: 'For a while', ttl: 86_400 * 60 })
  const recalled = await send({ ...toAlice, title: 'Taken back' })
  if (recalled) await ask(undefined, `/v1/notifications/${recalled}`, 'DELETE')
  const later = Date.now() + 86_400_000 * 30
  const deliverAt = new Date(later).toISOString()
  const scheduled = await send({ ...toAlice, title: 'In a month', deliverAt })
  await send({ to: { user: 'dave' }, title: 'Erased with him' })
  await ask(undefined, '/v1/users/dave', 'DELETE')
  await ask({ add: ['alice', 'bob'] }, '/v1/topics/news.eu/subscribers')
  await send({ to: { topic: 'news.eu' }, title: 'Rain in Rome' })
  const issuedBefore = new Date().toISOString()
  await ask({ user: 'mallory', issuedBefore }, '/v1/revocations')

  for (const [device, seq] of [
    ['phone', 5],
    ['laptop', 3],
  ] as const) {
    const client = await api.connect('alice', { device })
    await client.first('caught_up')
    await client.acknowledgeAndWait(seq)
    if (device === 'laptop') {
      const items = ids.slice(0, 3)
      await client.mark({ action: 'read', ids: items.slice(0, 2) })
      await client.mark({ action: 'archived', ids: items.slice(2) })
    }
    client.socket.close()
    await client.closed
  }
  const client = await api.connect('alice', { device: 'phone' })
  const { cursor, latest, epoch } = (await client.first('welcome')).payload
  client.socket.close()
  await client.closed
  await allOffline(api, asService)

  const paths: [as: string, path: string][] = [
    ...['alice', 'bob', 'carol'].flatMap((user): [string, string][] => [
      [user, '/v1/inbox'],
      [user, '/v1/inbox?filter=archived'],
      [user, '/v1/inbox/counts'],
      [user, '/v1/devices'],
    ]),
    ...[...ids, receipt.id].flatMap((id): [string, string][] => [
      [SERVICE, `/v1/notifications/${id}`],
      [SERVICE, `/v1/notifications/${id}/deliveries`],
    ]),
    [SERVICE, '/v1/users/alice/devices'],
    [SERVICE, '/v1/users/alice/topics'],
    [SERVICE, '/v1/topics/news.eu/subscribers'],
    [SERVICE, '/v1/users/dave/devices'],
  ]
  const answers: VersionRecord['answers'] = []
  for (const [as, asked] of paths) {
    const token = as === SERVICE ? asService : await tokenFor(as)
    const answer = await api.request(asked, { token })
    if (answer.ok) answers.push({ as, path: asked, body: await answer.json() })
  }
  const fanOut = await cutInTheMiddle(service, asService)
  return {
    at: Date.now(),
    answers,
    phone: { cursor, latest, epoch },
    keyed: { ...KEYED, receipt },
    fanOut,
    scheduled: scheduled ?? null,
  }
}

/** Nobody is connected any more, and the record says so. */
async function allOffline(api: Api, token: string): Promise<void> {
  for (;;) {
    const answer = await api.request('/v1/users/alice/devices', { token })
    if (!answer.ok || !Devices.parse(await answer.json()).items.some(({ online }) => online)) return
  }
}

/** A send to a crowd, and SIGKILL when some have it and some have not. */
async function cutInTheMiddle(
  service: ServiceProcess & { api: Api },
  token: string,
): Promise<VersionRecord['fanOut']> {
  const { api } = service
  for (let from = 0; from < CROWD; from += 500) {
    const add = Array.from({ length: 500 }, (_, index) => `crowd-${from + index}`)
    const body = { add }
    const answer = await api.request('/v1/topics/crowd/subscribers', {
      method: 'POST',
      token,
      body,
    })
    if (!answer.ok) return null
  }
  const body = { to: { topic: 'crowd' }, type: 'test', title: 'To a crowd' }
  const { id } = Receipt.parse(await (await api.post(body, { token })).json())
  for (;;) {
    const answer = await api.request(`/v1/notifications/${id}`, { token })
    const { total, stored } = Fate.parse(await answer.json()).recipients
    if (stored === total) throw new Error('the send was through before it was cut: try again')
    if (stored === 0) continue
    await service.kill()
    return { id, total, stored }
  }
}
