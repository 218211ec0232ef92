import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { isSqlite, rowsIn, userOfInbox } from '../back-ends/database.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { drawSeed, seededRandom } from '../random.js'

const ROUNDS = 10
const USERS = ['alice', 'bob', 'carol']
const POSTERS = 8

/** Per user, what was answered with 2xx: id by seq. */
type Accepted = Map<string, Map<number, string>>

/** Posts without pause until the service is gone; notes what it has promised. */
async function postUntilKilled(
  api: Api,
  token: string,
  random: () => number,
  accepted: Accepted,
): Promise<void> {
  for (;;) {
    const user = USERS[Math.floor(random() * USERS.length)] ?? ''
    let receipt: SendReceipt
    try {
      const body = { to: { user }, type: 'test', body: 'x'.repeat(Math.floor(random() * 2_000)) }
      const response = await api.post(body, { token })
      if (response.status !== 201) throw new Error(`answered ${response.status}`)
      receipt = SendReceipt.parse(await response.json())
    } catch {
      // Killed in mid-request: whether it was stored is open, since nobody was told.
      return
    }
    const seq = receipt.seq ?? 0
    const seqs = accepted.get(user) ?? new Map<number, string>()
    expect(seqs.has(seq)).toBe(false)
    accepted.set(user, seqs.set(seq, receipt.id))
  }
}

/** Every promise is kept: the user's device gets each accepted notification, at its seq, in order. */
async function expectDelivered(api: Api, accepted: Accepted, device: string): Promise<void> {
  for (const [user, promised] of accepted) {
    await using client = await api.connect(user, { acknowledges: true, device })
    await client.first('caught_up')
    const received = new Map(
      client.all('notification').map(({ payload }) => [payload.seq, payload.notification.id]),
    )
    for (const [seq, id] of promised) {
      expect([user, seq, received.get(seq)]).toEqual([user, seq, id])
    }
    expect(client.seqs).toEqual(client.seqs.toSorted((a, b) => a - b))
    expect(new Set(client.seqs).size).toBe(client.seqs.length)
    const last = client.seqs.at(-1)
    if (last !== undefined) await client.acknowledgeAndWait(last)
  }
}

async function expectSound(databasePath: string): Promise<void> {
  expect(damages(databasePath)).toEqual([])
  // No torn rows: each user's log has as many entries as it has given out numbers, and counts that agree.
  const torn = await rowsIn(
    databasePath,
    `SELECT users.name FROM users LEFT JOIN inbox ON inbox.${userOfInbox()} = users.id GROUP BY users.id
     HAVING count(inbox.seq) <> latest OR max(inbox.seq) <> latest OR unread <> latest`,
  )
  expect(torn).toEqual([])
}

/** What SQLite finds wrong with its file. */
function damages(databasePath: string): unknown[] {
  if (!isSqlite()) return []
  const database = new Database(databasePath)
  try {
    const found: unknown = database.pragma('integrity_check', { simple: true })
    return [found, ...z.array(z.unknown()).parse(database.pragma('foreign_key_check'))].filter(
      (damage) => damage !== 'ok',
    )
  } finally {
    database.close()
  }
}

test('delivers everything that it accepted, in order, after each of ten kills while it is being posted to', async () => {
  const seed = drawSeed()
  console.info(`kill test, SEED=${seed}`)
  const random = seededRandom(seed)
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  const token = await serviceToken()
  const everAccepted: Accepted = new Map()
  for (let round = 0; round < ROUNDS; round++) {
    const accepted: Accepted = new Map()
    {
      await using service = await ServiceProcess.start(databasePath)
      const posting = Array.from({ length: POSTERS }, () =>
        postUntilKilled(service.api, token, random, accepted),
      )
      // The kill falls on some commit of the service's work, not on a time of ours.
      const enough = 20 + Math.floor(random() * 200)
      while ([...accepted.values()].reduce((sum, { size }) => sum + size, 0) < enough) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      await service.kill()
      await Promise.all(posting)
    }
    await expectSound(databasePath)
    await using service = await ServiceProcess.start(databasePath)
    // This device has acknowledged every earlier round: what comes now is this one's.
    await expectDelivered(service.api, accepted, 'phone')
    for (const [user, seqs] of accepted) {
      const before = everAccepted.get(user) ?? new Map<number, string>()
      for (const [seq, id] of seqs) {
        expect(before.has(seq)).toBe(false)
        before.set(seq, id)
      }
      everAccepted.set(user, before)
    }
  }
  await using service = await ServiceProcess.start(databasePath)
  await expectDelivered(service.api, everAccepted, 'auditor')
  expect([...everAccepted.values()].reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(200)
}, 180_000)
