import type { RemovalReason } from '../../protocol/down/removed.js'
import type { Outcome } from '../endings.js'
import type { Transaction } from './database.js'
import { saveLogs, type HeldLogs } from './held-logs.js'
import type { InboxRow } from './rows.js'

interface Ending {
  notification: number
  userId: number
  outcome: Outcome
  seenAt: number | null
  readAt: number | null
}

/** A row, and where it stood when it came into the order of its log. */
interface Placed {
  row: InboxRow
  seq: number
}

/** What a transaction changes in the logs that it holds: worked out over objects, then written by a few statements. */
export class LogChanges {
  /** One object for each row, by user and notification, however many looks have found it. */
  readonly #rows = new Map<string, InboxRow>()
  /** The beginnings of logs, as far as they were loaded, and what comes to their ends; by user. */
  readonly #orders = new Map<number, Placed[]>()
  readonly #arrived = new Set<InboxRow>()
  /** Rows that have moved on, with the `seq` at which the database has them. */
  readonly #moved = new Map<InboxRow, number>()
  /** Rows that are gone; with the `seq` likewise, where the database has them. */
  readonly #gone = new Map<InboxRow, number | undefined>()
  readonly #endings: Ending[] = []

  /** The one object for a row that was found. */
  known(found: InboxRow): InboxRow {
    const key = `${found.userId}.${found.notification}`
    const row = this.#rows.get(key) ?? found
    this.#rows.set(key, row)
    return row
  }

  isGone(row: InboxRow): boolean {
    return this.#gone.has(row)
  }

  /** Takes what a log begins with, before anything in it is changed. */
  begin(userId: number, oldest: readonly InboxRow[]): void {
    this.#orders.set(
      userId,
      oldest.map((row) => ({ row, seq: row.seq })),
    )
  }

  /** The first row of a log whose beginning was loaded. */
  first(userId: number): InboxRow | undefined {
    const order = this.#orders.get(userId) ?? []
    // What is gone, or has moved on, is passed for good.
    const place = order.findIndex(({ row, seq }) => row.seq === seq && !this.#gone.has(row))
    order.splice(0, place < 0 ? order.length : place)
    return order[0]?.row
  }

  /** Puts a new row at the end of its log. */
  arrive(row: InboxRow): void {
    this.known(row)
    this.#arrived.add(row)
    this.#follow(row)
  }

  /** Makes a tombstone of a row, at a `seq` at the end of its log. */
  bury(row: InboxRow, to: { seq: number; removed: RemovalReason; at: number }): void {
    this.#moved.set(row, row.seq)
    row.seq = to.seq
    row.removed = to.removed
    row.movedAt = to.at
    this.#follow(row)
  }

  /** Takes a row out of the inbox for good; how its entry ended is told by `outcomes` from then on. */
  vanish(row: InboxRow, outcome: Outcome): void {
    // A tombstone has ended already.
    this.end(row, row.removed ?? outcome)
    const stoodAt = this.#moved.get(row) ?? row.seq
    this.#moved.delete(row)
    this.#gone.set(row, this.#arrived.delete(row) ? undefined : stoodAt)
  }

  /** Notes how a notification ended for a user. */
  end(
    {
      notification,
      userId,
      seenAt = null,
      readAt = null,
    }: Pick<InboxRow, 'notification' | 'userId'> & Partial<InboxRow>,
    outcome: Outcome,
  ): void {
    this.#endings.push({ notification, userId, outcome, seenAt, readAt })
  }

  #follow(row: InboxRow): void {
    const order = this.#orders.get(row.userId)
    if (order) order.push({ row, seq: row.seq })
    else this.#orders.set(row.userId, [{ row, seq: row.seq }])
  }

  /** Writes all of it, with the users' counts. Rows go before others come, which may take their places. */
  async save(transaction: Transaction, held: HeldLogs): Promise<void> {
    await Promise.all([
      this.#saveGone(transaction),
      this.#saveMoved(transaction),
      this.#saveArrived(transaction),
      this.#saveEndings(transaction),
      saveLogs(transaction, held),
    ])
  }

  async #saveGone(transaction: Transaction): Promise<void> {
    const gone = [...this.#gone].filter(([, seq]) => seq !== undefined)
    if (gone.length === 0) return
    await transaction.run(
      `DELETE FROM inbox USING unnest($1::bigint[], $2::bigint[]) AS gone (user_id, seq)
       WHERE inbox.user_id = gone.user_id AND inbox.seq = gone.seq`,
      [gone.map(([{ userId }]) => userId), gone.map(([, seq]) => seq ?? null)],
    )
  }

  async #saveMoved(transaction: Transaction): Promise<void> {
    const moved = [...this.#moved]
    if (moved.length === 0) return
    await transaction.run(
      `UPDATE inbox SET seq = moved.seq, removed = moved.removed, moved_at = moved.at
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
         AS moved (user_id, stood_at, seq, removed, at)
       WHERE inbox.user_id = moved.user_id AND inbox.seq = moved.stood_at`,
      [
        moved.map(([{ userId }]) => userId),
        moved.map(([, stoodAt]) => stoodAt),
        moved.map(([{ seq }]) => seq),
        moved.map(([{ removed }]) => removed),
        moved.map(([{ movedAt }]) => movedAt),
      ],
    )
  }

  async #saveArrived(transaction: Transaction): Promise<void> {
    const rows = [...this.#arrived]
    if (rows.length === 0) return
    await transaction.run(
      `INSERT INTO inbox (user_id, seq, arrived_seq, notification, moved_at, expires_at, collapse_key)
       SELECT user_id, seq, seq, notification, moved_at, expires_at, collapse_key
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
         AS arrived (user_id, seq, notification, moved_at, expires_at, collapse_key)`,
      [
        rows.map(({ userId }) => userId),
        rows.map(({ seq }) => seq),
        rows.map(({ notification }) => notification),
        rows.map(({ movedAt }) => movedAt),
        rows.map(({ expiresAt }) => expiresAt),
        rows.map(({ collapseKey }) => collapseKey),
      ],
    )
  }

  async #saveEndings(transaction: Transaction): Promise<void> {
    const rows = this.#endings
    if (rows.length === 0) return
    await transaction.run(
      `INSERT INTO outcomes (notification, user_id, outcome, seen_at, read_at)
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])`,
      [
        rows.map(({ notification }) => notification),
        rows.map(({ userId }) => userId),
        rows.map(({ outcome }) => outcome),
        rows.map(({ seenAt }) => seenAt),
        rows.map(({ readAt }) => readAt),
      ],
    )
  }
}
