import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Connection } from './database.js'

/** What is stored, in numbers that cost nothing to tell, however much it is. */
export interface Figures {
  /** Users who are known. */
  users: number
  /** Jobs that write to many, by what they do; `begun` are those that have written already. */
  fanOuts: readonly { work: 'deliver' | 'recall'; begun: boolean; jobs: number }[]
  /** When the next scheduled notification is due; undefined where there is none. */
  nextDueAt: number | undefined
}

/** In bytes. */
export interface FileSizes {
  database: number
  writeAheadLog: number
  /** Free on the disk of the database, for those who are not root. */
  free: number
}

interface FanOutCount {
  work: 'deliver' | 'recall'
  begun: number
  jobs: number
}

export function prepareFigures(connection: Connection): (nothing: undefined) => Figures {
  const users = connection.prepare<[], number>('SELECT users FROM meta').pluck()
  const fanOuts = connection.prepare<[], FanOutCount>(
    `SELECT work, place > 0 AS begun, count(*) AS jobs FROM fan_outs WHERE turn > 0
     GROUP BY work, begun`,
  )
  const nextDueAt = connection
    .prepare<[], number | null>('SELECT min(due_at) FROM scheduled')
    .pluck()
  return () => ({
    users: users.get() ?? 0,
    fanOuts: fanOuts.all().map((row) => ({ ...row, begun: row.begun === 1 })),
    nextDueAt: nextDueAt.get() ?? undefined,
  })
}

/** @throws Error where the database can't be looked at */
export async function fileSizes(path: string): Promise<FileSizes> {
  const [database, writeAheadLog, disk] = await Promise.all([
    sizeOf(path),
    sizeOf(`${path}-wal`),
    statfs(dirname(path)),
  ])
  return { database, writeAheadLog, free: disk.bavail * disk.bsize }
}

/** Between two runs there is no write-ahead log. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}
