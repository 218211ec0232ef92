import { Child } from './child.js'
import { Ready, type FilledLoadOptions, type FillOptions } from './messages.js'
import { startService, type TemporaryFolder } from './service-process.js'

/** What lets few users have much, and be asked for much: nothing else is measured by that. */
const SETTINGS = {
  INBOX_LIMIT: '1000000',
  MAX_DEVICES_PER_USER: '10000',
  USER_REQUESTS_PER_SECOND: '0',
}

/** What is stored before a service starts. */
export interface Stored {
  users: number
  /** Notifications of each of them. */
  each: number
}

/** A service over a database that was filled before. */
export interface FilledService {
  child: Child
  url: string
  secret: string
  database: string
  stored: Stored
  /** How long its start took. */
  startMs: number
}

export async function fill({ database }: TemporaryFolder, { users, each }: Stored): Promise<void> {
  await using filler = Child.fork('load/fill.ts', { database, users, each } satisfies FillOptions)
  await filler.next(Ready)
}

/** Fills a database and starts a service over it. */
export async function startFilledService(
  folder: TemporaryFolder,
  secret: string,
  stored: Stored,
): Promise<FilledService> {
  await fill(folder, stored)
  const begun = performance.now()
  const started = await startService(folder, secret, { settings: SETTINGS })
  const startMs = Math.round(performance.now() - begun)
  return { ...started, secret, database: folder.database, stored, startMs }
}

/** Starts a load process that knows what was stored before. */
export async function startLoad(file: string, options: FilledLoadOptions): Promise<Child> {
  const load = Child.fork(file, options)
  await load.next(Ready)
  return load
}
