import { IDEMPOTENCY_MS, type Idempotency, type ServiceName } from '../../inbox/store.js'
import type { KeepReceipt, KeptReceipt } from '../../inbox/stores/people.js'
import { SendReceipt } from '../../protocol/send.js'
import type { Transaction } from './database.js'
import { storable, storableService } from './text.js'

/** Expired keys that each new one takes away: more than one, so that they run out faster than they come. */
const PURGED_PER_KEY = 4

interface Guarded {
  sender: ServiceName
  idempotency: Idempotency
  at: number
}

interface KeyRow {
  issuer: string
  subject: string
  key: string
  fingerprint: string
  /** JSON text; empty where this transaction is the one that gives it. */
  receipt: string
  expiresAt: number
}

/** The idempotency keys that a transaction has claimed: until its end every other node that comes with one of them waits. */
export class ClaimedKeys {
  readonly #rows: Map<string, KeyRow>
  readonly #given = new Set<KeyRow>()

  constructor(rows: readonly KeyRow[]) {
    this.#rows = new Map(rows.map((row) => [nameOf(row), row]))
  }

  /** What a key says of a send that came with it; undefined where the send is the first. */
  earlier({
    sender,
    idempotency,
    at,
  }: Guarded): Exclude<KeptReceipt, { kind: 'kept' }> | undefined {
    const row = this.#rows.get(nameOf({ ...sender, key: idempotency.key }))
    if (!row || row.receipt === '' || row.expiresAt <= at) return undefined
    if (row.fingerprint !== idempotency.fingerprint) return { kind: 'key_reused' }
    return { kind: 'replayed', receipt: SendReceipt.parse(JSON.parse(row.receipt)) }
  }

  /** Has a key guard a receipt from now on. */
  keep({ sender, idempotency, at }: Guarded, receipt: SendReceipt): void {
    const { key, fingerprint } = idempotency
    const expiresAt = at + IDEMPOTENCY_MS
    const row = { ...sender, key, fingerprint, receipt: JSON.stringify(receipt), expiresAt }
    const before = this.#rows.get(nameOf(row))
    if (before) this.#given.delete(before)
    this.#rows.set(nameOf(row), row)
    this.#given.add(row)
  }

  /** Writes the receipts, and takes some keys away that have expired. */
  async save(transaction: Transaction): Promise<void> {
    const given = [...this.#given]
    if (given.length === 0) return
    const oldest = Math.min(...given.map(({ expiresAt }) => expiresAt - IDEMPOTENCY_MS))
    await Promise.all([
      transaction.run(
        `UPDATE idempotency_keys AS kept
         SET fingerprint = given.fingerprint, receipt = given.receipt, expires_at = given.expires_at
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
           AS given (issuer, subject, key, fingerprint, receipt, expires_at)
         WHERE kept.issuer = given.issuer AND kept.subject = given.subject AND kept.key = given.key`,
        [
          ...namesOf(given),
          given.map(({ fingerprint }) => fingerprint),
          given.map(({ receipt }) => receipt),
          given.map(({ expiresAt }) => expiresAt),
        ],
      ),
      transaction.run(
        `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
           SELECT ctid FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
           FOR UPDATE SKIP LOCKED))`,
        [oldest, PURGED_PER_KEY * given.length],
      ),
    ])
  }
}

/**
 * Claims the keys of sends, in one order, and reads what those guard that others had before. Of two nodes that come with one key the
 * second waits here for the receipt of the first.
 */
export async function claimKeys(
  transaction: Transaction,
  sends: readonly Guarded[],
): Promise<ClaimedKeys> {
  // The first of those that come together has the key.
  const rows = sends
    .map(({ sender, idempotency, at }) => ({ ...sender, ...idempotency, at }))
    .toReversed()
  const claims = [...new Map(rows.map((row) => [nameOf(row), row])).values()]
  if (claims.length === 0) return new ClaimedKeys([])
  const [, found] = await Promise.all([
    transaction.run(
      `INSERT INTO idempotency_keys AS kept (issuer, subject, key, fingerprint, receipt, expires_at)
       SELECT issuer, subject, key, fingerprint, '', expires_at
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
         AS claimed (issuer, subject, key, fingerprint, expires_at)
       ORDER BY issuer COLLATE "C", subject COLLATE "C", key COLLATE "C"
       ON CONFLICT (issuer, subject, key) DO UPDATE
         SET fingerprint = excluded.fingerprint, receipt = '', expires_at = excluded.expires_at
         WHERE kept.expires_at <= excluded.expires_at - ${IDEMPOTENCY_MS}`,
      [
        ...namesOf(claims),
        claims.map(({ fingerprint }) => fingerprint),
        claims.map(({ at }) => at + IDEMPOTENCY_MS),
      ],
    ),
    transaction.query<KeyRow>(
      `SELECT issuer, subject, key, fingerprint, receipt, expires_at AS "expiresAt"
       FROM unnest($1::text[], $2::text[], $3::text[]) AS claimed (issuer, subject, key)
       JOIN idempotency_keys USING (issuer, subject, key)`,
      namesOf(claims),
    ),
  ])
  return new ClaimedKeys(found)
}

/** Keeps the receipt of a send that is stored nowhere else, so that a retry is not sent again. */
export async function keepReceipt(
  transaction: Transaction,
  { receipt, sender, idempotency, at }: KeepReceipt,
): Promise<KeptReceipt> {
  const guarded = {
    sender: storableService(sender),
    idempotency: { ...idempotency, key: storable(idempotency.key) },
    at,
  }
  const keys = await claimKeys(transaction, [guarded])
  const earlier = keys.earlier(guarded)
  if (earlier) return earlier
  keys.keep(guarded, receipt)
  await keys.save(transaction)
  return { kind: 'kept' }
}

type KeyName = Pick<KeyRow, 'issuer' | 'subject' | 'key'>

function nameOf({ issuer, subject, key }: KeyName): string {
  return JSON.stringify([issuer, subject, key])
}

function namesOf(rows: readonly KeyName[]): [string[], string[], string[]] {
  return [
    rows.map(({ issuer }) => issuer),
    rows.map(({ subject }) => subject),
    rows.map(({ key }) => key),
  ]
}
