import type { SendTarget } from '../../inbox/store.js'
import type { Transaction } from './database.js'

/** How many are meant, and the last of them. */
interface Measure {
  total: number
  last: number
}

type ManyTarget = Exclude<SendTarget, { kind: 'users' }>

const NOBODY: Measure = { total: 0, last: 0 }

/** Counts whom topics and everyone mean now; gives the measure of each. */
export async function measureTargets(
  transaction: Transaction,
  sends: readonly { target: SendTarget }[],
): Promise<(target: ManyTarget) => Measure> {
  const topics = new Set(
    sends.flatMap(({ target }) => (target.kind === 'topic' ? [target.topic] : [])),
  )
  const [subscribed, known] = await Promise.all([
    topics.size === 0
      ? []
      : transaction.query<Measure & { topic: string }>(
          `SELECT topic, count(*) AS total, max(id) AS last FROM subscriptions
           WHERE topic = ANY($1) GROUP BY topic`,
          [[...topics]],
        ),
    sends.every(({ target }) => target.kind !== 'everyone')
      ? []
      : transaction.query<Measure>(
          `SELECT (SELECT coalesce(sum(delta), 0) FROM known_users)::bigint AS total,
             (SELECT coalesce(max(id), 0) FROM users) AS last`,
        ),
  ])
  const byTopic = new Map(subscribed.map((row) => [row.topic, row]))
  return (target) => (target.kind === 'topic' ? byTopic.get(target.topic) : known[0]) ?? NOBODY
}

/** Begins work that brings notifications to many, chunk by chunk. */
export async function beginDeliveries(
  transaction: Transaction,
  works: readonly { notification: number; topic: string | null; last: number }[],
): Promise<void> {
  if (works.length === 0) return
  await transaction.run(
    `INSERT INTO fan_outs (notification, work, topic, last, turn)
     SELECT notification, 'deliver', topic, last, nextval('fan_out_turns')
     FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS work (notification, topic, last)`,
    [
      works.map(({ notification }) => notification),
      works.map(({ topic }) => topic),
      works.map(({ last }) => last),
    ],
  )
}

/** Begins to take a notification back from many, in place of its delivery, where that is still under way. */
export async function beginRecall(transaction: Transaction, notification: number): Promise<void> {
  await transaction.run(
    `INSERT INTO fan_outs (notification, work, last, turn)
     VALUES ($1, 'recall', $2, nextval('fan_out_turns'))
     ON CONFLICT (notification) DO UPDATE SET work = excluded.work, topic = NULL, place = 0,
       last = excluded.last, turn = excluded.turn, leased_by = NULL, leased_until = NULL`,
    [notification, Number.MAX_SAFE_INTEGER],
  )
}

export async function endFanOut(transaction: Transaction, notification: number): Promise<void> {
  await transaction.run('DELETE FROM fan_outs WHERE notification = $1', [notification])
}
