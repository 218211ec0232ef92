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
import type { Connection } from './database.js'
import { prepareHead } from './head.js'
import { prepareMakeUser } from './users.js'

/** Subscribes a user, who is made where it is new. */
export function prepareSubscribe(connection: Connection): (command: Subscribe) => SubscribeOutcome {
  const head = prepareHead(connection)
  const countOwn = connection
    .prepare<[number], number>('SELECT count(*) FROM subscriptions WHERE user = ? AND own = 1')
    .pluck()
  const { isSubscribed, add } = prepareAdd(connection)

  return ({ user, topic, at, own }) => {
    const { id, epoch } = head(user)
    if (own && own.epoch !== epoch) return { kind: 'other_epoch' }
    // What is subscribed already takes no place, and needs none.
    if (id !== undefined && isSubscribed(id, topic)) return { kind: 'subscribed' }
    const owned = id === undefined ? 0 : (countOwn.get(id) ?? 0)
    if (own && owned >= own.limit) return { kind: 'too_many' }
    add({ user, topic, own: own !== undefined, at })
    return { kind: 'subscribed' }
  }
}

/** Ends a subscription of a user. */
export function prepareUnsubscribe(
  connection: Connection,
): (command: Unsubscribe) => UnsubscribeOutcome {
  const head = prepareHead(connection)
  const remove = prepareRemoval(connection)
  return ({ user, topic, epoch }) => {
    if (epoch !== undefined && epoch !== head(user).epoch) return { kind: 'other_epoch' }
    remove(user, topic)
    return { kind: 'unsubscribed' }
  }
}

/** Subscribes some users to a topic and ends the subscriptions of others. */
export function prepareChangeSubscribers(
  connection: Connection,
): (command: ChangeSubscribers) => SubscribersChanged {
  const { add: addOne } = prepareAdd(connection)
  const removeOne = prepareRemoval(connection)
  return ({ topic, add, remove, at }) => ({
    added: add.filter((user) => addOne({ user, topic, own: false, at })).length,
    removed: remove.filter((user) => removeOne(user, topic)).length,
  })
}

/** Who is subscribed to a topic. */
export function prepareSubscribers(
  connection: Connection,
): (query: SubscribersQuery) => SubscribersPage {
  const select = connection.prepare<
    [string, number, number],
    { id: number; user: string; own: number; at: number }
  >(
    // Those who are being erased have no name any more.
    `SELECT subscriptions.id AS id, users.name AS user, own, created_at AS at
     FROM subscriptions JOIN users ON users.id = subscriptions.user
     WHERE topic = ? AND subscriptions.id > ?
       AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user = subscriptions.user)
     ORDER BY subscriptions.id LIMIT +?`,
  )
  return ({ topic, after, limit }) => {
    // One more than asked for tells whether there is a next page.
    const rows = select.all(topic, after, limit + 1)
    const page = rows.slice(0, limit)
    return {
      items: page.map(({ user, own, at }) => ({ user, own: own === 1, at })),
      next: rows.length > limit ? page.at(-1)?.id : undefined,
    }
  }
}

/** What a user is subscribed to. */
export function prepareTopics(connection: Connection): (query: TopicsQuery) => TopicsPage {
  const select = connection.prepare<
    [string, string, number],
    { topic: string; own: number; at: number }
  >(
    `SELECT topic, own, created_at AS at
     FROM users JOIN subscriptions ON subscriptions.user = users.id
     WHERE users.name = ? AND topic > ? ORDER BY topic LIMIT +?`,
  )
  return ({ user, after, limit }) => {
    const rows = select.all(user, after, limit + 1)
    const page = rows.slice(0, limit)
    return {
      items: page.map(({ topic, own, at }) => ({ topic, own: own === 1, at })),
      next: rows.length > limit ? page.at(-1)?.topic : undefined,
    }
  }
}

/** Those of some users who are subscribed to a topic. */
export function prepareSubscribed(
  connection: Connection,
): (query: { topic: string; users: readonly string[] }) => string[] {
  const select = connection
    .prepare<[string, string], string>(
      `SELECT users.name FROM json_each(?) AS wanted
       CROSS JOIN users ON users.name = wanted.value
       CROSS JOIN subscriptions ON subscriptions.user = users.id AND subscriptions.topic = ?`,
    )
    .pluck()
  return ({ topic, users }) => select.all(JSON.stringify(users), topic)
}

function prepareAdd(connection: Connection) {
  const findUser = connection
    .prepare<[string], number>('SELECT id FROM users WHERE name = ?')
    .pluck()
  const makeUser = prepareMakeUser(connection)
  const find = connection
    .prepare<[number, string], number>('SELECT 1 FROM subscriptions WHERE user = ? AND topic = ?')
    .pluck()
  // Only for what is new: whoever is subscribed already keeps the place that fan-outs under way go by.
  const insert = connection.prepare<[string, number, number, number]>(
    'INSERT INTO subscriptions (topic, user, own, created_at) VALUES (?, ?, ?, ?)',
  )
  const isSubscribed = (user: number, topic: string): boolean => find.get(user, topic) !== undefined
  return {
    isSubscribed,
    /** False where the user is subscribed already: then nothing changes. */
    add: ({
      user,
      topic,
      own,
      at,
    }: {
      user: string
      topic: string
      own: boolean
      at: number
    }): boolean => {
      const id = findUser.get(user) ?? makeUser(user)
      if (isSubscribed(id, topic)) return false
      insert.run(topic, id, Number(own), at)
      return true
    },
  }
}

/** False where there was no such subscription. */
function prepareRemoval(connection: Connection): (user: string, topic: string) => boolean {
  const remove = connection.prepare<[string, string]>(
    `DELETE FROM subscriptions
     WHERE user = (SELECT id FROM users WHERE name = ?) AND topic = ?`,
  )
  return (user, topic) => remove.run(user, topic).changes > 0
}
