import type { SendCommand } from '../../inbox/store.js'
import type { Connection } from './database.js'

/** What is kept of a notification from its acceptance on. */
export type NewNotification = Pick<
  SendCommand,
  'id' | 'sender' | 'contentJson' | 'createdAt' | 'expiresAt' | 'collapseKey'
> & {
  acceptedAt: number
  status: 'stored' | 'fanning_out' | 'recalled'
  total: number
  stored: number
}

/** Makes a notification, which is the newest then; gives its number. */
export function prepareInsertNotification(
  connection: Connection,
): (notification: NewNotification) => number {
  const insert = connection.prepare<{
    uuid: string
    issuer: string
    subject: string
    content: string
    createdAt: number
    acceptedAt: number
    expiresAt: number | null
    collapseKey: string | null
    status: string
    total: number
    stored: number
  }>(
    `INSERT INTO notifications (uuid, issuer, subject, content, created_at, accepted_at, expires_at,
       collapse_key, status, total, stored)
     VALUES (:uuid, :issuer, :subject, :content, :createdAt, :acceptedAt, :expiresAt, :collapseKey,
       :status, :total, :stored)`,
  )
  return ({ id, sender, contentJson, expiresAt = null, collapseKey = null, ...rest }) => {
    const { createdAt, acceptedAt, status, total, stored } = rest
    const { lastInsertRowid } = insert.run({
      uuid: id,
      issuer: sender.issuer,
      subject: sender.subject,
      content: contentJson,
      createdAt,
      acceptedAt,
      expiresAt,
      collapseKey,
      status,
      total,
      stored,
    })
    return Number(lastInsertRowid)
  }
}
