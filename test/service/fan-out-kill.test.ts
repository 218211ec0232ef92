import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { rowsIn, userOfInbox } from '../back-ends/database.js'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'

const SUBSCRIBERS = 100_000
const PER_REQUEST = 1_000
const TOPIC = 'news/all'
/** How many it has reached when it is killed, at least. */
const KILLED_AT = [SUBSCRIBERS / 4, SUBSCRIBERS / 2]
const LATE = 10

const userNamed = (number: number): string => `user-${number}`

/** Subscribes users by their numbers, several requests at a time. */
async function subscribe(api: Api, from: number, to: number): Promise<void> {
  const token = await serviceToken('posthorn:topics')
  const path = `/v1/topics/${encodeURIComponent(TOPIC)}/subscribers`
  let next = from
  const work = async (): Promise<void> => {
    for (;;) {
      const first = next
      const count = Math.min(PER_REQUEST, to - first)
      if (count <= 0) return
      next += count
      const add = Array.from({ length: count }, (_, index) => userNamed(first + index))
      const answer = await api.request(path, { method: 'POST', token, body: { add } })
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
}

/** Asks again and again how far a notification is, until it has come to where the caller wants it. */
async function progress(
  api: Api,
  id: string,
  isThere: (overview: NotificationOverview) => boolean,
): Promise<NotificationOverview> {
  const token = await serviceToken()
  for (;;) {
    const answer = await api.request(`/v1/notifications/${id}`, { token })
    const overview = NotificationOverview.parse(await answer.json())
    if (isThere(overview)) return overview
  }
}

const Count = z.array(
  z.object({ count: z.pipe(z.union([z.string(), z.number()]), z.transform(Number)) }),
)

interface OnDisk {
  stored: number
  entries: number
  work: number
}

/** What a database holds of one notification, read past the service, which is not there. */
async function onDisk(path: string, id: string): Promise<OnDisk> {
  const one = async (sql: string): Promise<number> => {
    const [row] = Count.parse(await rowsIn(path, sql, [id]))
    return row?.count ?? NaN
  }
  const of = 'WHERE notification = (SELECT id FROM notifications WHERE uuid = ?)'
  return {
    stored: await one('SELECT stored AS count FROM notifications WHERE uuid = ?'),
    entries: await one(`SELECT count(*) AS count FROM inbox ${of}`),
    work: await one(`SELECT count(*) AS count FROM fan_outs ${of}`),
  }
}

const Names = z.array(z.object({ name: z.string() }))

/** The users whose log does not hold exactly one entry, at its beginning, unread: none is expected. */
async function strays(path: string): Promise<string[]> {
  const rows = await rowsIn(
    path,
    `SELECT users.name FROM users LEFT JOIN inbox ON inbox.${userOfInbox()} = users.id
     GROUP BY users.id HAVING count(inbox.seq) <> 1 OR latest <> 1 OR unread <> 1 OR entries <> 1
     ORDER BY users.id`,
  )
  return Names.parse(rows).map(({ name }) => name)
}

/** Subscribes all, sends to them, and tells the id of what was sent. */
async function begin(api: Api): Promise<string> {
  await subscribe(api, 0, SUBSCRIBERS)
  const body = { to: { topic: TOPIC }, type: 'test', title: 'once' }
  const answer = await api.post(body, { token: await serviceToken() })
  const { id, status, recipients } = SendReceipt.parse(await answer.json())
  expect([answer.status, status]).toEqual([202, 'fanning_out'])
  expect(recipients).toEqual({ total: SUBSCRIBERS, stored: 0 })
  // Who comes now is not meant.
  await subscribe(api, SUBSCRIBERS, SUBSCRIBERS + LATE)
  return id
}

test('a fan-out to 100,000 subscribers that is killed twice half-way reaches each exactly once', async () => {
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  let id: string | undefined
  for (const enough of KILLED_AT) {
    await using service = await ServiceProcess.start(databasePath)
    id ??= await begin(service.api)
    // The kill falls on some chunk of the work, not on a time of ours.
    await progress(service.api, id, ({ recipients }) => recipients.stored >= enough)
    await service.kill()
    const { stored, entries, work } = await onDisk(databasePath, id)
    expect(stored).toBeGreaterThanOrEqual(enough)
    expect(stored).toBeLessThan(SUBSCRIBERS)
    expect([entries, work]).toEqual([stored, 1])
  }
  if (id === undefined) throw new Error('nothing was sent')

  {
    await using service = await ServiceProcess.start(databasePath)
    const { status, recipients } = await progress(
      service.api,
      id,
      (overview) => overview.status !== 'fanning_out',
    )
    expect([status, recipients]).toEqual(['stored', { total: SUBSCRIBERS, stored: SUBSCRIBERS }])
    for (const number of [0, SUBSCRIBERS / 2, SUBSCRIBERS - 1]) {
      await using device = await service.api.connect(userNamed(number))
      await device.first('caught_up')
      expect([device.titles, device.seqs]).toEqual([['once'], [1]])
    }
  }
  const done = { stored: SUBSCRIBERS, entries: SUBSCRIBERS, work: 0 }
  expect(await onDisk(databasePath, id)).toEqual(done)
  const late = Array.from({ length: LATE }, (_, index) => userNamed(SUBSCRIBERS + index))
  expect(await strays(databasePath)).toEqual(late)
}, 120_000)
