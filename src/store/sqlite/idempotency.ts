import { SendReceipt } from '../../protocol/send.js'
import type { ServiceName } from '../../inbox/store.js'
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
    find(
      owner: ServiceName,
      key: string,
      now: number,
    ): { fingerprint: string; receipt: SendReceipt } | undefined {
      const row = find.get(owner.issuer, owner.subject, key, now)
      if (!row) return undefined
      return { fingerprint: row.fingerprint, receipt: SendReceipt.parse(JSON.parse(row.receipt)) }
    },
    keep(
      owner: ServiceName,
      { key, fingerprint }: { key: string; fingerprint: string },
      receipt: SendReceipt,
      expiresAt: number,
      now: number,
    ): void {
      purge.run(now)
      insert.run(owner.issuer, owner.subject, key, fingerprint, JSON.stringify(receipt), expiresAt)
    },
  }
}
