import { settleStart } from '../../inbox/start.js'
import type {
  Acknowledge,
  AcknowledgeOutcome,
  DeviceBounds,
  OpenDevice,
  OpenedDevice,
} from '../../inbox/store.js'
import type { RemovedDevice } from '../../inbox/stores/people.js'
import type { Reads, Transaction } from './database.js'
import { findDevices, keyOf, makeDevices, type DeviceRow } from './device-rows.js'
import { HEAD, headOf, headOfHeld, type HeadRow } from './head.js'
import type { HeldLogs } from './held-logs.js'

/** What a device has come past; with `records`, as received. */
interface Passage {
  device: Pick<DeviceRow, 'id' | 'userId'>
  from: number
  to: number
  at: number
  records: boolean
}

/** Moves cursors forward, each device as far as its last passage says, and records a delivery for each living entry that was received. */
async function advance(transaction: Transaction, passages: readonly Passage[]): Promise<void> {
  if (passages.length === 0) return
  const received = passages.filter(({ records, from, to }) => records && to > from)
  const last = [...new Map(passages.map((passage) => [passage.device.id, passage])).values()]
  await Promise.all([
    received.length === 0 ||
      transaction.run(
        // Each passage is looked up alone: for many at once the planner would walk through a whole inbox table that it knows little of.
        `INSERT INTO deliveries (notification, device, delivered_at)
         SELECT received.notification, passed.device, passed.at
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
           AS passed (user_id, device, after, up_to, at)
         CROSS JOIN LATERAL (
           SELECT notification FROM inbox
           WHERE inbox.user_id = passed.user_id AND inbox.seq > passed.after
             AND inbox.seq <= passed.up_to AND inbox.removed IS NULL
             AND (inbox.expires_at IS NULL OR inbox.expires_at > passed.at)
           OFFSET 0
         ) AS received
         ON CONFLICT DO NOTHING`,
        [
          received.map(({ device }) => device.userId),
          received.map(({ device }) => device.id),
          received.map(({ from }) => from),
          received.map(({ to }) => to),
          received.map(({ at }) => at),
        ],
      ),
    transaction.run(
      `UPDATE devices SET cursor = passed.cursor, last_seen_at = passed.at
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS passed (id, cursor, at)
       WHERE devices.id = passed.id`,
      [last.map(({ device }) => device.id), last.map(({ to }) => to), last.map(({ at }) => at)],
    ),
  ])
}

/** Moves the cursor of each device up to the `seq` that it has acknowledged; its users are held. */
export async function acknowledgeAll(
  transaction: Transaction,
  held: HeldLogs,
  commands: readonly Acknowledge[],
): Promise<AcknowledgeOutcome[]> {
  const devices = await findDevices(
    transaction,
    commands.flatMap(({ user, device }) => {
      const log = held.get(user)
      return log ? [{ userId: log.id, name: device }] : []
    }),
  )
  const passages: Passage[] = []
  const outcomes = commands.map(({ user, device: name, epoch, seq, at }): AcknowledgeOutcome => {
    const log = held.get(user)
    if (epoch !== (log?.epoch ?? held.epochOfNobody)) return { kind: 'other_epoch' }
    const device = log && devices.get(keyOf(log.id, name))
    if (!device) return { kind: 'unknown_device' }
    if (seq > log.latest) return { kind: 'ahead', latest: log.latest }
    const from = device.cursor
    device.cursor = Math.max(from, seq)
    passages.push({ device, from, to: device.cursor, at, records: true })
    return { kind: 'acknowledged', cursor: device.cursor }
  })
  await advance(transaction, passages)
  return outcomes
}

type Opening = OpenDevice & DeviceBounds
type Opened = OpenedDevice & { evicted: RemovedDevice[] }

/** Makes the devices that are new, and settles where their connections start; their users are held, and were made. */
export async function openDevices(
  transaction: Transaction,
  held: HeldLogs,
  commands: readonly Opening[],
): Promise<Opened[]> {
  const opened = new Map<Opening, Opened>()
  // What one opening of a user does the next one finds: each user stands in a wave once, and mostly there is one wave.
  for (let left = commands; left.length > 0;) {
    const wave = [...new Map(left.toReversed().map((command) => [command.user, command])).values()]
    for (const [command, outcome] of await openWave(transaction, held, wave)) {
      opened.set(command, outcome)
    }
    left = left.filter((command) => !opened.has(command))
  }
  return commands.map((command) => {
    const outcome = opened.get(command)
    if (!outcome) throw new Error('an opening was passed over')
    return outcome
  })
}

async function openWave(
  transaction: Transaction,
  held: HeldLogs,
  wave: readonly Opening[],
): Promise<Map<Opening, Opened>> {
  const wanted = wave.map(({ user, device, at }) => ({
    userId: held.require(user).id,
    name: device,
    at,
  }))
  const known = await findDevices(transaction, wanted)
  const isNew = ({ userId, name }: { userId: number; name: string }): boolean =>
    !known.has(keyOf(userId, name))
  const made = await makeDevices(transaction, wanted.filter(isNew))
  const crowded = wave.filter(
    ({ user, device, maxDevices }) =>
      maxDevices !== undefined && isNew({ userId: held.require(user).id, name: device }),
  )
  const evicted = await evict(transaction, held, crowded, made)
  const passages: Passage[] = []
  const opened = wave.map((command): [Opening, Opened] => {
    const { user, device: name, start, at } = command
    const log = held.require(user)
    const key = keyOf(log.id, name)
    const device = known.get(key) ?? made.get(key)
    if (!device) throw new Error('a device is not there that was just made')
    const { cursor, position, strayed, acknowledges } = settleStart(start, {
      epoch: log.epoch,
      latest: log.latest,
      cursor: device.cursor,
    })
    passages.push({ device, from: device.cursor, to: cursor, at, records: acknowledges })
    const outcome = { cursor, position, strayed, evicted: evicted.get(command) ?? [] }
    return [command, { ...headOfHeld(log, held.epochOfNobody), ...outcome }]
  })
  await advance(transaction, passages)
  return new Map(opened)
}

/** Makes room for devices that are new: those go that were seen least recently, those that are not connected first. */
async function evict(
  transaction: Transaction,
  held: HeldLogs,
  commands: readonly Opening[],
  made: ReadonlyMap<string, DeviceRow>,
): Promise<Map<Opening, RemovedDevice[]>> {
  if (commands.length === 0) return new Map()
  const found = await transaction.query<DeviceRow & { lastSeenAt: number; isPresent: boolean }>(
    `SELECT devices.id, devices.user_id AS "userId", devices.name, cursor,
       last_seen_at AS "lastSeenAt", EXISTS (
         SELECT 1 FROM presence
         WHERE presence.user_name = users.name AND presence.device = devices.name OFFSET 0
       ) AS "isPresent"
     FROM devices JOIN users ON users.id = devices.user_id WHERE devices.user_id = ANY($1)`,
    [commands.map(({ user }) => held.require(user).id)],
  )
  const evicted = new Map<Opening, RemovedDevice[]>()
  for (const command of commands) {
    const { user, device: name, maxDevices = Infinity, online = [] } = command
    const { id: userId } = held.require(user)
    const own = made.get(keyOf(userId, name))?.id
    const all = found.filter((device) => device.userId === userId)
    // Here, or on another node, as far as it has told.
    const isOnline = ({ name: device, isPresent }: { name: string; isPresent: boolean }): boolean =>
      isPresent || online.includes(device)
    const gone = all
      .filter(({ id }) => id !== own)
      .toSorted(
        (a, b) =>
          Number(isOnline(a)) - Number(isOnline(b)) || a.lastSeenAt - b.lastSeenAt || a.id - b.id,
      )
      .slice(0, Math.max(0, all.length - maxDevices))
    evicted.set(
      command,
      gone.map((device) => ({ name: device.name, user: userId, device: device.id })),
    )
  }
  const ids = [...evicted.values()].flatMap((gone) => gone.map(({ device }) => device))
  if (ids.length > 0) await transaction.run('DELETE FROM devices WHERE id = ANY($1)', [ids])
  return evicted
}

/**
 * Opens a device that is known without a write, for while none can be made: the stored cursor stays where it is. Undefined where it
 * would have to be made, or has to move at once.
 */
export async function openKnownDevice(
  queries: Reads,
  { user, device, start }: OpenDevice,
): Promise<OpenedDevice | undefined> {
  const rows = await queries.query<HeadRow & { cursor: number | null }>(
    `WITH head AS MATERIALIZED (${HEAD})
     SELECT head.*, devices.cursor FROM head
     LEFT JOIN devices ON devices.user_id = head."userId" AND devices.name = $2`,
    [user, device],
  )
  const cursor = rows[0]?.cursor ?? undefined
  // What `latest` skips must be skipped for good: it would come at the next start.
  if (cursor === undefined || start.kind === 'latest') return undefined
  const log = headOf(rows)
  const { position, strayed } = settleStart(start, { ...log, cursor })
  return { ...log, cursor, position, strayed }
}
