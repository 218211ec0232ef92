import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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

/** What a database holds of one notification, read past the service, which is not there. */
function onDisk(path: string, id: string): { stored: number; entries: number; work: number } {
  const database = new Database(path)
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    const one = (sql: string): number => Number(database.prepare(sql).pluck().get(id))
    const of = 'WHERE notification = (SELECT id FROM notifications WHERE uuid = ?)'
    return {
      stored: one('SELECT stored FROM notifications WHERE uuid = ?'),
      entries: one(`SELECT count(*) FROM inbox ${of}`),
      work: one(`SELECT count(*) FROM fan_outs ${of}`),
    }
  } finally {
    database.close()
  }
}

/** The users whose log does not hold exactly one entry, at its beginning, unread: none is expected. */
function strays(path: string): unknown[] {
  const database = new Database(path)
  try {
    return database
      .prepare(
        `SELECT users.name FROM users LEFT JOIN inbox ON inbox.user = users.id GROUP BY users.id
         HAVING count(inbox.seq) <> 1 OR latest <> 1 OR unread <> 1 OR entries <> 1`,
      )
      .pluck()
      .all()
  } finally {
    database.close()
  }
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
    const { stored, entries, work } = onDisk(databasePath, id)
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
  expect(onDisk(databasePath, id)).toEqual({ stored: SUBSCRIBERS, entries: SUBSCRIBERS, work: 0 })
  const late = Array.from({ length: LATE }, (_, index) => userNamed(SUBSCRIBERS + index))
  expect(strays(databasePath)).toEqual(late)
}, 120_000)
