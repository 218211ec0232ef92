import { closeSync, fsyncSync, openSync } from 'node:fs'
import { openWriter } from '../../../src/store/sqlite/database.js'
import { migrate } from '../../../src/store/sqlite/migrate.js'
import { endWithParent, readArgument, tellParent } from '../child-side.js'
import { FillOptions } from '../messages.js'
import { contentOf } from './requests.js'

// Fills a database as if a service had run for long: each user was sent to in turn, and has a phone that has acknowledged it all. It
// is written past the service, which would take an hour for ten million.

/** Rows of one statement; between two, this process hears that it shall end. */
const CHUNK = 100_000

/** An index whose order is not that of the fill: sorted at the end, it takes a tenth of the time. */
const LATE_INDEX = 'inbox_by_notification'

const { database, users, each } = FillOptions.parse(readArgument())
endWithParent()
const count = users * each
/** A notification a millisecond, the last one now. */
const begin = Date.now() - count

const connection = openWriter(database)
migrate(connection)
connection.pragma('foreign_keys = OFF')
// Nothing here needs to outlive a crash.
connection.pragma('journal_mode = OFF')
connection.pragma('synchronous = OFF')
connection.pragma('cache_size = -262144') // 256 MiB
const lateIndex = connection
  .prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE name = ?')
  .pluck()
  .get(LATE_INDEX)
if (lateIndex === undefined) throw new Error(`there is no index ${LATE_INDEX}`)
connection.exec(`DROP INDEX ${LATE_INDEX}`)

const numbers = `numbers (n) AS (SELECT CAST(:from AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n < :to)`
const insertUsers = connection.prepare(
  `WITH RECURSIVE ${numbers}
   INSERT INTO users (id, name, life, latest, entries, unread, unseen)
   SELECT n, 'u_' || (n - 1), 0, :each, :each, :each, :each FROM numbers`,
)
const insertPhones = connection.prepare(
  `WITH RECURSIVE ${numbers}
   INSERT INTO devices (id, user, name, cursor, created_at, last_seen_at)
   SELECT n, n, 'phone', :each, :begin, :begin + :count FROM numbers`,
)
const insertNotifications = connection.prepare(
  `WITH RECURSIVE ${numbers},
     times (n, at, hex) AS (SELECT n, :begin + n, printf('%012x', :begin + n) FROM numbers),
     named (n, at, uuid) AS MATERIALIZED (
       SELECT n, at, substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-' || printf('%012x', n)
       FROM times)
   INSERT INTO notifications (id, uuid, issuer, subject, content, created_at, accepted_at, status, total, stored)
   SELECT n, uuid, '', 'bench',
     replace(replace(:content, '{id}', uuid),
       '{at}', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch')),
     at, at, 'stored', 1, 1 FROM named`,
)
const insertDeliveries = connection.prepare(
  `WITH RECURSIVE ${numbers}
   INSERT INTO deliveries (notification, device, delivered_at)
   SELECT n, (n - 1) % :users + 1, :begin + n FROM numbers`,
)
const insertEntries = connection.prepare(
  `WITH RECURSIVE ${numbers},
     places (seq) AS MATERIALIZED (SELECT 1 UNION ALL SELECT seq + 1 FROM places WHERE seq < :each)
   INSERT INTO inbox (user, seq, arrived_seq, notification, moved_at)
   SELECT n, seq, seq, (seq - 1) * :users + n, :begin + (seq - 1) * :users + n
   FROM numbers CROSS JOIN places`,
)

const named = { begin, each, users, count, content: template() }

/** One of what the loads send, with places for what is each one's own. */
function template(): string {
  const content = contentOf(0, '{id}')
  return content.replace(/"createdAt":"[^"]*"/, '"createdAt":"{at}"')
}

/** Runs a statement for all numbers up to one, so many at a time. */
async function inChunks(
  statement: { run: (parameters: object) => unknown },
  upTo: number,
  atOnce: number,
): Promise<void> {
  for (let from = 1; from <= upTo; from += atOnce) {
    statement.run({ ...named, from, to: Math.min(from + atOnce - 1, upTo) })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

await inChunks(insertUsers, users, CHUNK)
await inChunks(insertPhones, users, CHUNK)
await inChunks(insertNotifications, count, CHUNK)
await inChunks(insertDeliveries, count, CHUNK)
await inChunks(insertEntries, users, Math.ceil(CHUNK / each))
connection.exec(lateIndex)
connection.pragma('journal_mode = WAL')
connection.close()
// What the system has not written yet would be written while time is taken.
const file = openSync(database, 'r+')
fsyncSync(file)
closeSync(file)
tellParent({ kind: 'ready' })
