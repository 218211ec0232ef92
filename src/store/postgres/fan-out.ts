import type { FanOutStep } from '../../inbox/stores/topics.js'
import type { FanOutRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import { Appending } from './append.js'
import type { Transaction } from './database.js'
import { endFanOut } from './fan-out-rows.js'
import { holdUsersById } from './held-logs.js'
import { findLiving } from './recall.js'
import { removeAll } from './remove.js'

interface Recipient {
  /** Of the subscription, or of the user. */
  place: number
  userId: number
}

interface Chunk {
  /** Where the next one goes on; undefined where this was the last. */
  next: number | undefined
  step: FanOutStep
}

interface Options {
  bounds: LogBounds
  node: string
}

/**
 * Does a chunk of the work whose turn it is, of that which no other node has. Its place moves in the transaction that writes the entries:
 * whatever happens, it goes on where it stopped, here, or elsewhere once the lease is over.
 */
export async function stepFanOut(
  transaction: Transaction,
  command: { at: number; limit: number },
  options: Options,
): Promise<FanOutStep | undefined> {
  const [fanOut] = await transaction.query<FanOutRow>(
    `SELECT notification, work, topic, place, last, content, expires_at AS "expiresAt",
       collapse_key AS "collapseKey"
     FROM fan_outs JOIN notifications ON notifications.id = fan_outs.notification
     WHERE leased_by IS NULL OR leased_by = $1 OR leased_until <= clock_timestamp()
     ORDER BY turn LIMIT 1 FOR UPDATE OF fan_outs SKIP LOCKED`,
    [options.node],
  )
  if (!fanOut) return undefined
  const chunk = fanOut.work === 'deliver' ? deliver : takeBack
  const { next, step } = await chunk(transaction, fanOut, { ...command, ...options })
  if (next === undefined) {
    await endFanOut(transaction, fanOut.notification)
  } else {
    await transaction.run(
      `UPDATE fan_outs SET place = $2, turn = nextval('fan_out_turns'), leased_by = $3,
         leased_until = clock_timestamp() + interval '10 seconds'
       WHERE notification = $1`,
      [fanOut.notification, next, options.node],
    )
  }
  return step
}

async function deliver(
  transaction: Transaction,
  fanOut: FanOutRow,
  { at, limit, bounds }: { at: number; limit: number; bounds: LogBounds },
): Promise<Chunk> {
  const { notification, expiresAt, collapseKey, content } = fanOut
  const isOver = expiresAt !== null && expiresAt <= at
  const reached = isOver ? [] : await findRecipients(transaction, fanOut, limit)
  const appending = new Appending(bounds)
  const held = await holdUsersById(
    transaction,
    reached.map(({ userId }) => userId),
  )
  const logs = reached.flatMap(({ userId, place }) => {
    const log = held.byId(userId)
    return log ? [{ log, place }] : []
  })
  const [subscribed] = await Promise.all([
    stillMeant(transaction, fanOut, logs),
    appending.load(
      transaction,
      logs.map(({ log }) => ({ log, notification, collapseKey })),
      { isNewest: false },
    ),
  ])
  const arrivals = logs
    .filter(({ place }) => subscribed(place))
    .flatMap(({ log }) => appending.append({ log, notification, collapseKey, expiresAt, at }) ?? [])
  const next = reached.length === limit ? reached.at(-1)?.place : undefined
  await Promise.all([
    appending.changes.save(transaction, held),
    transaction.run('UPDATE notifications SET stored = stored + $2, status = $3 WHERE id = $1', [
      notification,
      arrivals.length,
      next === undefined ? 'stored' : 'fanning_out',
    ]),
  ])
  return { next, step: { kind: 'delivered', contentJson: content, arrivals } }
}

function findRecipients(
  transaction: Transaction,
  { topic, place, last }: FanOutRow,
  limit: number,
): Promise<Recipient[]> {
  if (topic === null) {
    return transaction.query(
      `SELECT id AS place, id AS "userId" FROM users
       WHERE id > $1 AND id <= $2 AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user_id = users.id)
       ORDER BY id LIMIT $3`,
      [place, last, limit],
    )
  }
  return transaction.query(
    `SELECT id AS place, user_id AS "userId" FROM subscriptions
     WHERE topic = $1 AND id > $2 AND id <= $3
       AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user_id = subscriptions.user_id)
     ORDER BY id LIMIT $4`,
    [topic, place, last, limit],
  )
}

/** Who has unsubscribed before their log was held is not meant any more. */
async function stillMeant(
  transaction: Transaction,
  { topic }: FanOutRow,
  found: readonly { place: number }[],
): Promise<(place: number) => boolean> {
  if (topic === null || found.length === 0) return () => true
  const left = await transaction.query<{ id: number }>(
    'SELECT id FROM subscriptions WHERE id = ANY($1)',
    [found.map(({ place }) => place)],
  )
  const places = new Set(left.map(({ id }) => id))
  return (place) => places.has(place)
}

async function takeBack(
  transaction: Transaction,
  { notification, place }: FanOutRow,
  { at, limit, bounds }: { at: number; limit: number; bounds: LogBounds },
): Promise<Chunk> {
  const found = await findLiving(transaction, { notification, after: place, limit })
  const removals = await removeAll(transaction, found, 'recalled', { at, bounds })
  const next = found.length === limit ? found.at(-1)?.userId : undefined
  return { next, step: { kind: 'recalled', removals } }
}
