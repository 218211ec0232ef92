import { v7 as uuidv7 } from 'uuid'
import { openWriter } from '../../../src/store/sqlite/database.js'
import { migrate } from '../../../src/store/sqlite/migrate.js'
import { readArgument, serveRuns } from '../child-side.js'
import { contentOf, userNames } from '../load/requests.js'
import { InsertOptions } from '../messages.js'

// The floor of `batch`: SQLite alone. The three rows of each notification, over this service's schema and settings, so many
// notifications to a transaction, each synced to disk. What the service takes beyond it is the price of being asked over HTTP.

const { database, users, perBatch } = InsertOptions.parse(readArgument())
const connection = openWriter(database)
migrate(connection)
const makeUser = connection.prepare('INSERT INTO users (name, life) VALUES (?, 0)')
const insertNotification = connection.prepare(
  `INSERT INTO notifications (uuid, issuer, subject, content, created_at, accepted_at, status, total, stored)
   VALUES (?, '', 'bench', ?, ?, ?, 'stored', 1, 1)`,
)
const advance = connection.prepare<[string], { id: number; latest: number }>(
  `UPDATE users SET latest = latest + 1, entries = entries + 1, unread = unread + 1, unseen = unseen + 1
     WHERE name = ? RETURNING id, latest`,
)
const insertEntry = connection.prepare(
  `INSERT INTO inbox (user, seq, arrived_seq, notification, moved_at) VALUES (?, ?, ?, ?, ?)`,
)

const names = userNames(users)
connection.transaction(() => {
  for (const name of names) makeUser.run(name)
})()
let next = 0

const insertBatch = connection.transaction(() => {
  for (let item = 0; item < perBatch; item++) {
    const index = next++ % names.length
    const now = Date.now()
    const id = uuidv7()
    const { lastInsertRowid } = insertNotification.run(id, contentOf(index, id), now, now)
    const log = advance.get(names[index] ?? '')
    if (!log) throw new Error('a user is not there')
    insertEntry.run(log.id, log.latest, log.latest, lastInsertRowid, now)
  }
})

serveRuns((milliseconds) => {
  const begun = performance.now()
  let batches = 0
  for (; performance.now() - begun < milliseconds; batches++) insertBatch.immediate()
  return Promise.resolve({
    kind: 'ran',
    operations: batches * perBatch,
    milliseconds: performance.now() - begun,
    violations: [],
    accepted: [],
  })
})
