import { TryAgain, type Transaction } from './database.js'

/** A user's row while a transaction holds it: what is changed here is written by `saveLogs`. */
export interface HeldLog {
  readonly id: number
  readonly name: string
  readonly life: number
  readonly epoch: string
  latest: number
  horizon: number
  unread: number
  unseen: number
  entries: number
  tombstones: number
}

type Row = Omit<HeldLog, 'epoch'>

interface Meta {
  epoch: string
  erasures: number
}

const COUNTS = ['latest', 'horizon', 'unread', 'unseen', 'entries', 'tombstones'] as const

const COLUMNS = 'id, name, life, latest, horizon, unread, unseen, entries, tombstones'

/** The logs that a transaction holds: nobody else changes them before it ends. */
export class HeldLogs {
  readonly #byName = new Map<string, HeldLog>()
  readonly #byId = new Map<number, HeldLog>()
  /** As they stand in the database. */
  readonly #stored = new Map<HeldLog, Row>()
  /** The epoch of who is not known: the one that a row made now would have. */
  readonly epochOfNobody: string

  constructor({ epoch, erasures }: Meta, rows: readonly Row[]) {
    this.epochOfNobody = `${epoch}.${erasures}`
    for (const row of rows) {
      const log = { ...row, epoch: `${epoch}.${row.life}` }
      this.#byName.set(log.name, log)
      this.#byId.set(log.id, log)
      this.#stored.set(log, row)
    }
  }

  /** Undefined where the user is not known. */
  get(name: string): HeldLog | undefined {
    return this.#byName.get(name)
  }

  byId(id: number): HeldLog | undefined {
    return this.#byId.get(id)
  }

  /** @throws Error where the user is not held */
  require(name: string): HeldLog {
    const log = this.#byName.get(name)
    if (!log) throw new Error('a user is not held who was to be made')
    return log
  }

  /** Those that are not as the database has them; from then on they count as written. */
  takeChanged(): HeldLog[] {
    const changed = [...this.#stored].flatMap(([log, row]) =>
      COUNTS.some((count) => log[count] !== row[count]) ? [log] : [],
    )
    for (const log of changed) this.#stored.set(log, { ...log })
    return changed
  }
}

/**
 * Locks users by their names; `make` says whether those are made who are not there, or which. All users of a transaction are held by
 * one call, before anything else is locked but idempotency keys, or two transactions may wait for each other.
 */
export async function holdUsers(
  transaction: Transaction,
  names: readonly string[],
  { make }: { make: boolean | ReadonlySet<string> },
): Promise<HeldLogs> {
  const [found, meta] = await Promise.all([
    // Rows are locked as they come out of the sort.
    transaction.query<Row>(
      `SELECT ${COLUMNS} FROM users WHERE name = ANY($1) ORDER BY name FOR UPDATE`,
      [[...new Set(names)]],
    ),
    readMeta(transaction),
  ])
  if (make === false) return new HeldLogs(meta, found)
  const known = new Set(found.map(({ name }) => name))
  const missing = [...new Set(names)].filter(
    (name) => !known.has(name) && (make === true || make.has(name)),
  )
  if (missing.length === 0) return new HeldLogs(meta, found)
  const made = await makeUsers(transaction, missing)
  return new HeldLogs(await readMeta(transaction), [...found, ...made])
}

/** As `holdUsers`, by number; who was erased meanwhile is not among them. */
export async function holdUsersById(
  transaction: Transaction,
  ids: readonly number[],
): Promise<HeldLogs> {
  const [found, meta] = await Promise.all([
    transaction.query<Row>(
      // The name of one who was erased begins with a control character, and the row is held by whoever takes away the rest.
      `SELECT ${COLUMNS} FROM users WHERE id = ANY($1) AND left(name, 1) <> chr(1)
       ORDER BY name FOR UPDATE`,
      [[...new Set(ids)]],
    ),
    readMeta(transaction),
  ])
  return new HeldLogs(meta, found)
}

async function makeUsers(transaction: Transaction, names: readonly string[]): Promise<Row[]> {
  const made = await transaction.query<{ id: number }>(
    // Numbered in the order in which they were named, and made in the order of locks.
    `INSERT INTO users (id, name, life)
     SELECT id, name, (SELECT erasures FROM meta) FROM (
       SELECT nextval(pg_get_serial_sequence('users', 'id')) AS id, name
       FROM unnest($1::text[]) AS missing (name)
     ) AS numbered
     ORDER BY name COLLATE "C" ON CONFLICT (name) DO NOTHING RETURNING id`,
    [names],
  )
  // Somebody else has made one since the look.
  if (made.length < names.length) throw new TryAgain('a user was made meanwhile')
  const [rows] = await Promise.all([
    // The user may have been erased after the insert took its look at the lives, and before it could write.
    transaction.query<Row>(
      `UPDATE users SET life = (SELECT erasures FROM meta) WHERE id = ANY($1) RETURNING ${COLUMNS}`,
      [made.map(({ id }) => id)],
    ),
    transaction.run('INSERT INTO known_users (delta) VALUES ($1)', [made.length]),
  ])
  return rows
}

async function readMeta(transaction: Transaction): Promise<Meta> {
  const [meta] = await transaction.query<Meta>('SELECT epoch, erasures FROM meta')
  if (!meta) throw new Error('the database has lost its meta row')
  return meta
}

/** Writes what was changed in logs. */
export async function saveLogs(transaction: Transaction, logs: HeldLogs): Promise<void> {
  const changed = logs.takeChanged()
  if (changed.length === 0) return
  await transaction.run(
    `UPDATE users SET latest = changed.latest, horizon = changed.horizon, unread = changed.unread,
       unseen = changed.unseen, entries = changed.entries, tombstones = changed.tombstones
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
       AS changed (id, latest, horizon, unread, unseen, entries, tombstones)
     WHERE users.id = changed.id`,
    [changed.map(({ id }) => id), ...COUNTS.map((count) => changed.map((log) => log[count]))],
  )
}
