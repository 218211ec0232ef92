import type { FanOutStep } from '../../inbox/stores/topics.js'
import type { FanOutRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import { prepareFanOut } from './accept.js'
import { prepareAppend } from './append.js'
import type { Connection } from './database.js'
import { prepareLiving } from './recall.js'
import { prepareRemove } from './remove.js'

interface Recipient {
  /** Of the subscription, or of the user. */
  place: number
  user: string
}

interface Chunk {
  /** Where the next one goes on; undefined where this was the last. */
  next: number | undefined
  step: FanOutStep
}

/**
 * Does a chunk of the work whose turn it is. Its place moves in the transaction that writes the entries: whatever happens,
 * it goes on where it stopped.
 */
export function prepareStepFanOut(
  connection: Connection,
  bounds: LogBounds,
): (command: { at: number; limit: number }) => FanOutStep | undefined {
  const find = connection.prepare<[], FanOutRow>(
    `SELECT notification, work, topic, place, last, content, expires_at AS expiresAt,
       collapse_key AS collapseKey
     FROM fan_outs JOIN notifications ON notifications.id = fan_outs.notification
     WHERE turn > 0 ORDER BY turn LIMIT 1`,
  )
  const goOn = connection.prepare<[number, number]>(
    `UPDATE fan_outs SET place = ?, turn = (SELECT max(turn) + 1 FROM fan_outs) WHERE notification = ?`,
  )
  const fanOuts = prepareFanOut(connection)
  const deliver = prepareDeliver(connection, bounds)
  const takeBack = prepareTakeBack(connection, bounds)

  return (command) => {
    const fanOut = find.get()
    if (!fanOut) return undefined
    const { next, step } =
      fanOut.work === 'deliver' ? deliver(fanOut, command) : takeBack(fanOut, command)
    if (next === undefined) fanOuts.end(fanOut.notification)
    else goOn.run(next, fanOut.notification)
    return step
  }
}

function prepareDeliver(connection: Connection, bounds: LogBounds) {
  const subscribers = connection.prepare<[string, number, number, number], Recipient>(
    `SELECT subscriptions.id AS place, users.name AS user
     FROM subscriptions JOIN users ON users.id = subscriptions.user
     WHERE topic = ? AND subscriptions.id > ? AND subscriptions.id <= ?
       AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user = subscriptions.user)
     ORDER BY subscriptions.id LIMIT +?`,
  )
  const everyone = connection.prepare<[number, number, number], Recipient>(
    `SELECT id AS place, name AS user FROM users
     WHERE id > ? AND id <= ? AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user = users.id)
     ORDER BY id LIMIT +?`,
  )
  const count = connection.prepare<[number, string, number]>(
    'UPDATE notifications SET stored = stored + ?, status = ? WHERE id = ?',
  )
  const append = prepareAppend(connection, bounds)

  return (fanOut: FanOutRow, { at, limit }: { at: number; limit: number }): Chunk => {
    const { notification, topic, place, last, expiresAt, collapseKey, content } = fanOut
    const isOver = expiresAt !== null && expiresAt <= at
    const reached = isOver
      ? []
      : topic === null
        ? everyone.all(place, last, limit)
        : subscribers.all(topic, place, last, limit)
    const arrivals = reached.flatMap(
      ({ user }) => append({ user, notification, collapseKey, expiresAt, at }) ?? [],
    )
    const next = reached.length === limit ? reached.at(-1)?.place : undefined
    count.run(arrivals.length, next === undefined ? 'stored' : 'fanning_out', notification)
    return { next, step: { kind: 'delivered', contentJson: content, arrivals } }
  }
}

function prepareTakeBack(connection: Connection, bounds: LogBounds) {
  const living = prepareLiving(connection)
  const remove = prepareRemove(connection, bounds)
  return (
    { notification, place }: FanOutRow,
    { at, limit }: { at: number; limit: number },
  ): Chunk => {
    const found = living({ notification, after: place, limit })
    const removals = found.map((entry) => remove(entry, 'recalled', at))
    const next = found.length === limit ? found.at(-1)?.user : undefined
    return { next, step: { kind: 'recalled', removals } }
  }
}
