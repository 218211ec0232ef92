import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { inspectDatabase } from '../../src/store/sqlite/inspect.js'
import {
  serviceToken,
  startService,
  temporaryFolder,
  tokenFor,
  type TestService,
} from '../harness.js'
import { readVersion, SERVICE, type VersionRecord } from '../store/sqlite/versions/record.js'

const SCHEMAS = readdirSync(new URL('../../migrations/sqlite/', import.meta.url))
  .toSorted()
  .map((name) => name.slice(0, 4))
const SCOPES = 'posthorn:send posthorn:broadcast posthorn:read posthorn:topics posthorn:users'

const Fate = z.looseObject({
  status: z.string(),
  recipients: z.object({ total: z.number(), stored: z.number() }),
})

/** Today's program over the file that the last one of a schema left, a moment after it did. */
async function openVersion(name: string) {
  const { record, writeTo } = readVersion(name)
  const folder = temporaryFolder()
  writeTo(join(folder.path, 'posthorn.db'))
  const since = record.at - Date.now()
  let service: TestService | undefined
  const start = async (): Promise<TestService> => {
    await service?.[Symbol.asyncDispose]()
    service = await startService({ folder: folder.path, clock: () => Date.now() + since })
    return service
  }
  return {
    record,
    service: await start(),
    start,
    async [Symbol.asyncDispose]() {
      await service?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** What the service answers today to what its forerunner was asked. */
async function answersOf({ api }: TestService, { answers }: VersionRecord) {
  const given: VersionRecord['answers'] = []
  for (const { as, path } of answers) {
    const token = as === SERVICE ? await serviceToken(SCOPES) : await tokenFor(as)
    given.push({ as, path, body: await (await api.request(path, { token })).json() })
  }
  return given
}

test('there is a database of every schema that a program ever left', () => {
  const files = readdirSync(new URL('../store/sqlite/versions/', import.meta.url))
  for (const name of SCHEMAS) expect(files).toContain(`${name}.db.gz`)
})

describe.each(SCHEMAS)('a database of schema %s, started by today’s program', (name) => {
  test('tells of inboxes, counts, devices, deliveries and topics what it told before, also after a restart', async () => {
    await using opened = await openVersion(name)
    const { record, service } = opened
    expect(record.answers.length).toBeGreaterThan(20)
    expect(await answersOf(service, record)).toMatchObject(record.answers)
    expect(await answersOf(await opened.start(), record)).toMatchObject(record.answers)
  })

  test('goes on with the replay where the device stood, in the same epoch, and then live', async () => {
    await using opened = await openVersion(name)
    const { record, service } = opened
    const { cursor, latest, epoch } = record.phone
    const phone = await service.api.connect('alice', { acknowledges: true })
    expect((await phone.first('welcome')).payload).toMatchObject({ cursor, latest, epoch })
    await phone.first('caught_up')
    expect(phone.all('gap')).toEqual([])
    const seqs = phone.entries.map(({ payload }) => payload.seq)
    expect(seqs.length).toBeGreaterThan(5)
    expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
    expect(seqs.at(0)).toBeGreaterThan(cursor)
    expect(seqs.at(-1)).toBe(latest)

    expect(await service.api.send('alice', 'After the upgrade')).toMatchObject({ seq: latest + 1 })
    await phone.until(() => phone.titles.at(-1) === 'After the upgrade', 'what came after')
    phone.socket.close()
    await phone.closed
  })

  test('still knows the keys of sends', async () => {
    await using opened = await openVersion(name)
    const { keyed } = opened.record
    const answer = await opened.service.api.post(keyed.body, {
      token: await serviceToken(),
      headers: { 'idempotency-key': keyed.key },
    })
    expect(answer.headers.get('idempotency-replayed')).toBe('true')
    expect(await answer.json()).toEqual(keyed.receipt)
  })

  test('is sound', async () => {
    await using opened = await openVersion(name)
    const { service } = opened
    await service.close()
    expect(inspectDatabase(service.databasePath)).toMatchObject({ kind: 'sound' })
  })
})

test.each(SCHEMAS.slice(1))(
  'of schema %s, what was cut in the middle comes to all whom it was meant for, once, and what waits waits on',
  async (name) => {
    await using opened = await openVersion(name)
    const { record, service } = opened
    const cut = z.object({ id: z.string(), total: z.number(), stored: z.number() })
    const { id, total, stored } = cut.parse(record.fanOut)
    expect(stored).toBeLessThan(total)
    const token = await serviceToken(SCOPES)
    const fateOf = async (sent: string) =>
      Fate.parse(await (await service.api.request(`/v1/notifications/${sent}`, { token })).json())
    const done = { status: 'stored', recipients: { total, stored: total } }
    await expect.poll(() => fateOf(id)).toMatchObject(done)
    for (const user of ['crowd-0', `crowd-${stored}`, `crowd-${total - 1}`]) {
      const counts = await service.api.request('/v1/inbox/counts', { token: await tokenFor(user) })
      expect(await counts.json()).toMatchObject({ unread: 1, latest: 1 })
    }
    const waiting = z.string().parse(record.scheduled)
    expect(await fateOf(waiting)).toMatchObject({ status: 'scheduled' })
    await service.close()
    expect(inspectDatabase(service.databasePath)).toMatchObject({ kind: 'sound' })
  },
)
