import * as z from 'zod/mini'
import type { Inbox } from '../../../src/client/inbox.js'
import { nextTask } from '../next-task.js'

/** An event of the log that an application's handler has taken. */
export const Handed = z.object({
  name: z.enum(['notification', 'updated', 'removed', 'gap']),
  seq: z.int(),
  id: z.string(),
  collapseKey: z.nullable(z.string()),
  readAt: z.nullable(z.string()),
  archivedAt: z.nullable(z.string()),
})
export type Handed = z.infer<typeof Handed>

export const ReaderOptions = z.object({
  url: z.string(),
  token: z.string(),
  device: z.string(),
  /** Of the file in Node; a page has its `localStorage`. */
  storage: z.string(),
})
export type ReaderOptions = z.infer<typeof ReaderOptions>

const NOTHING = { collapseKey: null, readAt: null, archivedAt: null }

/** An application that may be ended while it is at an event, and tells when it is done with it. */
export function read(inbox: Inbox, tell: (handed: Handed) => void): void {
  inbox.on('notification', async ({ notification }) => {
    const { id, seq, collapseKey, readAt, archivedAt } = notification
    await nextTask()
    tell({ name: 'notification', seq, id, collapseKey, readAt, archivedAt })
  })
  inbox.on('updated', async ({ id, seq, readAt, archivedAt }) => {
    await nextTask()
    tell({ name: 'updated', seq, id, collapseKey: null, readAt, archivedAt })
  })
  inbox.on('removed', async ({ id, seq, collapseKey = null }) => {
    await nextTask()
    tell({ ...NOTHING, name: 'removed', seq, id, collapseKey })
  })
  inbox.on('gap', ({ to }) => tell({ ...NOTHING, name: 'gap', seq: to, id: '' }))
}
