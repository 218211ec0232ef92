import type {
  ChangeSubscribers,
  Subscribe,
  SubscribeOutcome,
  SubscribersChanged,
  SubscribersPage,
  SubscribersQuery,
  TopicsPage,
  TopicsQuery,
  Unsubscribe,
  UnsubscribeOutcome,
} from '../../inbox/stores/topics.js'
import type { Reads, Transaction } from './database.js'
import { holdUsers } from './held-logs.js'

/** Subscribes a user, who is made where it is new. */
export async function subscribe(
  transaction: Transaction,
  { user, topic, at, own }: Subscribe,
): Promise<SubscribeOutcome> {
  const held = await holdUsers(transaction, [user], { make: false })
  const known = held.get(user)
  if (own && own.epoch !== (known?.epoch ?? held.epochOfNobody)) return { kind: 'other_epoch' }
  const { isSubscribed, owned } = known
    ? await look(transaction, known.id, topic)
    : { isSubscribed: false, owned: 0 }
  // What is subscribed already takes no place, and needs none.
  if (isSubscribed) return { kind: 'subscribed' }
  if (own && owned >= own.limit) return { kind: 'too_many' }
  const { id } = known ?? (await holdUsers(transaction, [user], { make: true })).require(user)
  await add(transaction, { users: [id], topic, own: own !== undefined, at })
  return { kind: 'subscribed' }
}

async function look(
  transaction: Transaction,
  user: number,
  topic: string,
): Promise<{ isSubscribed: boolean; owned: number }> {
  const [found] = await transaction.query<{ isSubscribed: boolean; owned: number }>(
    `SELECT coalesce(bool_or(topic = $2), FALSE) AS "isSubscribed",
       count(*) FILTER (WHERE own) AS owned
     FROM subscriptions WHERE user_id = $1`,
    [user, topic],
  )
  if (!found) throw new Error('an aggregate gave no row')
  return found
}

/** Ends a subscription of a user. */
export async function unsubscribe(
  transaction: Transaction,
  { user, topic, epoch }: Unsubscribe,
): Promise<UnsubscribeOutcome> {
  const held = await holdUsers(transaction, [user], { make: false })
  const known = held.get(user)
  if (epoch !== undefined && epoch !== (known?.epoch ?? held.epochOfNobody)) {
    return { kind: 'other_epoch' }
  }
  if (known) await remove(transaction, [known.id], topic)
  return { kind: 'unsubscribed' }
}

/** Subscribes some users to a topic and ends the subscriptions of others. */
export async function changeSubscribers(
  transaction: Transaction,
  { topic, add: added, remove: removed, at }: ChangeSubscribers,
): Promise<SubscribersChanged> {
  const held = await holdUsers(transaction, [...added, ...removed], { make: new Set(added) })
  const users = added.map((name) => held.require(name).id)
  const [ofAdded, ofRemoved] = await Promise.all([
    add(transaction, { users, topic, own: false, at }),
    remove(
      transaction,
      removed.flatMap((name) => held.get(name)?.id ?? []),
      topic,
    ),
  ])
  return { added: ofAdded, removed: ofRemoved }
}

/** Only for what is new: whoever is subscribed already keeps the place that fan-outs under way go by. */
function add(
  transaction: Transaction,
  { users, topic, own, at }: { users: readonly number[]; topic: string; own: boolean; at: number },
): Promise<number> {
  return transaction.run(
    `INSERT INTO subscriptions (topic, user_id, own, created_at)
     SELECT $2, wanted.id, $3, $4 FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (id, number)
     ORDER BY wanted.number ON CONFLICT (user_id, topic) DO NOTHING`,
    [users, topic, own, at],
  )
}

function remove(
  transaction: Transaction,
  users: readonly number[],
  topic: string,
): Promise<number> {
  return transaction.run('DELETE FROM subscriptions WHERE user_id = ANY($1) AND topic = $2', [
    users,
    topic,
  ])
}

/** Who is subscribed to a topic. */
export async function subscribers(
  queries: Reads,
  { topic, after, limit }: SubscribersQuery,
): Promise<SubscribersPage> {
  // One more than asked for tells whether there is a next page. Those who are being erased have no name any more.
  const rows = await queries.query<{ id: number; user: string; own: boolean; at: number }>(
    `SELECT page.id, users.name AS "user", page.own, page.created_at AS at
     FROM (
       SELECT * FROM subscriptions WHERE topic = $1 AND id > $2
         AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user_id = subscriptions.user_id)
       ORDER BY id LIMIT $3
     ) AS page JOIN users ON users.id = page.user_id ORDER BY page.id`,
    [topic, after, limit + 1],
  )
  const page = rows.slice(0, limit)
  return {
    items: page.map(({ user, own, at }) => ({ user, own, at })),
    next: rows.length > limit ? page.at(-1)?.id : undefined,
  }
}

/** What a user is subscribed to. */
export async function topics(
  queries: Reads,
  { user, after, limit }: TopicsQuery,
): Promise<TopicsPage> {
  const rows = await queries.query<{ topic: string; own: boolean; at: number }>(
    `SELECT topic, own, created_at AS at FROM subscriptions
     WHERE user_id = (SELECT id FROM users WHERE name = $1) AND topic > $2
     ORDER BY topic LIMIT $3`,
    [user, after, limit + 1],
  )
  const page = rows.slice(0, limit)
  return { items: page, next: rows.length > limit ? page.at(-1)?.topic : undefined }
}

/** Those of some users who are subscribed to a topic. */
export async function subscribed(
  queries: Reads,
  { topic, users }: { topic: string; users: readonly string[] },
): Promise<string[]> {
  const rows = await queries.query<{ name: string }>(
    `SELECT users.name FROM users
     JOIN subscriptions ON subscriptions.user_id = users.id AND subscriptions.topic = $1
     WHERE users.name = ANY($2)`,
    [topic, users],
  )
  return rows.map(({ name }) => name)
}
