import { IDEMPOTENCY_MS } from '../../inbox/store.js'
import type { KeepReceipt, KeptReceipt } from '../../inbox/stores/people.js'
import type { Connection } from './database.js'
import { prepareIdempotency } from './idempotency.js'

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

/** Keeps the receipt of a send that is stored nowhere else, so that a retry is not sent again. */
export function prepareKeepReceipt(connection: Connection): (command: KeepReceipt) => KeptReceipt {
  const idempotency = prepareIdempotency(connection)
  return ({ sender, idempotency: { key, fingerprint }, receipt, at }) => {
    const earlier = idempotency.find(sender, key, at)
    if (earlier?.fingerprint === fingerprint) return { kind: 'replayed', receipt: earlier.receipt }
    if (earlier) return { kind: 'key_reused' }
    idempotency.keep(sender, { key, fingerprint }, receipt, at + IDEMPOTENCY_MS, at)
    return { kind: 'kept' }
  }
}
