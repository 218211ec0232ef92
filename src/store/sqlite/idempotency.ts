import { IDEMPOTENCY_MS, type Idempotency, type ServiceName } from '../../inbox/store.js'
import type { KeepReceipt, KeptReceipt } from '../../inbox/stores/people.js'
import { SendReceipt } from '../../protocol/send.js'
import type { Connection } from './database.js'

/** Expired keys that each new one takes away: more than one, so that they run out faster than they come. */
const PURGED_PER_KEY = 4

/** The receipts of sends that had an idempotency key, kept while the key guards them. */
export function prepareIdempotency(connection: Connection) {
  const find = connection.prepare<
    [string, string, string, number],
    { fingerprint: string; receipt: string }
  >(
    `SELECT fingerprint, receipt FROM idempotency_keys
     WHERE issuer = ? AND subject = ? AND key = ? AND expires_at > ?`,
  )
  // An expired row of the same key may still stand.
  const insert = connection.prepare<[string, string, string, string, string, number]>(
    `INSERT OR REPLACE INTO idempotency_keys (issuer, subject, key, fingerprint, receipt, expires_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const purge = connection.prepare<[number]>(
    `DELETE FROM idempotency_keys WHERE (issuer, subject, key) IN (
       SELECT issuer, subject, key FROM idempotency_keys
       WHERE expires_at <= ? ORDER BY expires_at LIMIT ${PURGED_PER_KEY})`,
  )

  return {
    /** What a key says of a send that came with it; undefined where the send is the first. */
    earlier(
      owner: ServiceName,
      { key, fingerprint }: Idempotency,
      at: number,
    ): Exclude<KeptReceipt, { kind: 'kept' }> | undefined {
      const row = find.get(owner.issuer, owner.subject, key, at)
      if (!row) return undefined
      if (row.fingerprint !== fingerprint) return { kind: 'key_reused' }
      return { kind: 'replayed', receipt: SendReceipt.parse(JSON.parse(row.receipt)) }
    },
    /** Has the key guard a receipt from now on. */
    keep(
      owner: ServiceName,
      { key, fingerprint }: Idempotency,
      receipt: SendReceipt,
      at: number,
    ): void {
      purge.run(at)
      const expiresAt = at + IDEMPOTENCY_MS
      insert.run(owner.issuer, owner.subject, key, fingerprint, JSON.stringify(receipt), expiresAt)
    },
  }
}

/** Keeps the receipt of a send that is stored nowhere else, so that a retry is not sent again. */
export function prepareKeepReceipt(connection: Connection): (command: KeepReceipt) => KeptReceipt {
  const keys = prepareIdempotency(connection)
  return ({ sender, idempotency, receipt, at }) => {
    const earlier = keys.earlier(sender, idempotency, at)
    if (earlier) return earlier
    keys.keep(sender, idempotency, receipt, at)
    return { kind: 'kept' }
  }
}
