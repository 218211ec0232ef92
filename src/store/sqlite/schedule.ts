import type { SendCommand } from '../../inbox/store.js'
import type { Arrived } from '../../inbox/stores/lifetimes.js'
import { targetOf, type ScheduledRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import { prepareAccept } from './accept.js'
import type { Connection } from './database.js'

/** Keeps a notification until it is due. */
export function prepareSchedule(
  connection: Connection,
): (command: SendCommand & { dueAt: number }) => void {
  const insert = connection.prepare<{
    uuid: string
    issuer: string
    subject: string
    content: string
    createdAt: number
    dueAt: number
    expiresAt: number | null
    collapseKey: string | null
    target: string
    topic: string | null
  }>(
    `INSERT INTO scheduled (uuid, issuer, subject, content, created_at, due_at, expires_at,
       collapse_key, target, topic)
     VALUES (:uuid, :issuer, :subject, :content, :createdAt, :dueAt, :expiresAt, :collapseKey,
       :target, :topic)`,
  )
  const insertUser = connection.prepare<[number | bigint, string]>(
    'INSERT INTO scheduled_users (scheduled, name) VALUES (?, ?)',
  )
  return ({ id, sender, contentJson, createdAt, dueAt, target, ...rest }) => {
    const { lastInsertRowid } = insert.run({
      uuid: id,
      issuer: sender.issuer,
      subject: sender.subject,
      content: contentJson,
      createdAt,
      dueAt,
      expiresAt: rest.expiresAt ?? null,
      collapseKey: rest.collapseKey ?? null,
      target: target.kind,
      topic: target.kind === 'topic' ? target.topic : null,
    })
    if (target.kind !== 'users') return
    for (const user of target.users) insertUser.run(lastInsertRowid, user)
  }
}

export const SCHEDULED_COLUMNS = `id, uuid, issuer, subject, content, created_at AS createdAt,
  expires_at AS expiresAt, collapse_key AS collapseKey, target, topic`

/** Takes a notification off the schedule; gives whom it names. */
export function prepareUnschedule(connection: Connection): (scheduled: number) => string[] {
  const users = connection
    .prepare<[number], string>('SELECT name FROM scheduled_users WHERE scheduled = ? ORDER BY name')
    .pluck()
  const removeUsers = connection.prepare<[number]>(
    'DELETE FROM scheduled_users WHERE scheduled = ?',
  )
  const remove = connection.prepare<[number]>('DELETE FROM scheduled WHERE id = ?')
  return (scheduled) => {
    const names = users.all(scheduled)
    removeUsers.run(scheduled)
    remove.run(scheduled)
    return names
  }
}

/** Entries that one step writes, so that a thousand that are due at once don't hold up what else is written. */
const ENTRIES_PER_STEP = 500

/** Makes notifications of those that are due, in the order of their times. */
export function prepareFire(
  connection: Connection,
  bounds: LogBounds,
): (command: { at: number; limit: number }) => Arrived[] {
  const select = connection.prepare<[number, number], ScheduledRow>(
    `SELECT ${SCHEDULED_COLUMNS} FROM scheduled WHERE due_at <= ? ORDER BY due_at, id LIMIT +?`,
  )
  const unschedule = prepareUnschedule(connection)
  const accept = prepareAccept(connection, bounds)

  return ({ at, limit }) => {
    const fired: Arrived[] = []
    let entries = 0
    for (const row of select.all(at, limit)) {
      const { arrivals } = accept({
        id: row.uuid,
        sender: { issuer: row.issuer, subject: row.subject },
        contentJson: row.content,
        createdAt: row.createdAt,
        acceptedAt: at,
        expiresAt: row.expiresAt ?? undefined,
        collapseKey: row.collapseKey ?? undefined,
        target: targetOf(row, unschedule(row.id)),
      })
      fired.push({ contentJson: row.content, arrivals })
      entries += arrivals.length
      if (entries >= ENTRIES_PER_STEP) break
    }
    return fired
  }
}
