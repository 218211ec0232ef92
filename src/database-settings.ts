import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import * as z from 'zod/mini'

/** Where the log is kept: in a file of one service, or in a server that several nodes share. */
export type DatabaseSettings =
  | { kind: 'sqlite'; path: string }
  | {
      kind: 'postgres'
      url: string
      /** The same database without a transaction pooler in between, which would not bring its notices; for when no `BUS_URL` is given. */
      notifyUrl: string
      /** Most connections of this node. */
      connections: number
    }

/** How nodes wake one another: through PostgreSQL itself, or through Redis. */
export type BusSettings = { kind: 'notify' } | { kind: 'redis'; url: string }

/** The settings that say where the log is, and how nodes over it reach one another. */
export const DATABASE_SETTINGS = {
  DATABASE_URL: z._default(
    z.string().check(z.refine((text) => /^sqlite:.+/.test(text) || isPostgresUrl(text))),
    'sqlite:data/posthorn.db',
  ),
  NOTIFY_URL: z.optional(z.string().check(z.refine(isPostgresUrl))),
  BUS_URL: z.optional(z.string().check(z.refine(isRedisUrl))),
  NODE_NAME: z.optional(z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/))),
}

/** What is right, for whoever reads that it is wrong. */
export const DATABASE_EXPECTED = {
  DATABASE_URL:
    'sqlite: and a path, like sqlite:data/posthorn.db, or a URL like postgres://user:password@host/posthorn',
  NOTIFY_URL: 'a URL like postgres://user:password@host/posthorn',
  BUS_URL: 'a URL like redis://:password@host:6379/0, or rediss:// for TLS',
  DATABASE_CONNECTIONS: 'a number of connections, 2 to 200',
  NODE_NAME: '1 to 64 of A-Z a-z 0-9 . _ -',
}

const DatabaseSettings = z.object(DATABASE_SETTINGS)
type Given = z.infer<typeof DatabaseSettings>

/** What is wrong with these settings together, whatever is wrong with each. */
export function databaseComplaints({
  DATABASE_URL,
  NOTIFY_URL,
  BUS_URL,
}: NodeJS.ProcessEnv): string[] {
  if (DATABASE_URL !== undefined && !DATABASE_URL.startsWith('sqlite:')) return []
  return Object.entries({ NOTIFY_URL, BUS_URL })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `${name}: is for several nodes, which need a postgres:// DATABASE_URL`)
}

export function readDatabase(
  { DATABASE_URL: url, NOTIFY_URL: notifyUrl = url }: Given,
  connections: number,
): DatabaseSettings {
  return isPostgresUrl(url)
    ? { kind: 'postgres', url, notifyUrl, connections }
    : { kind: 'sqlite', path: resolve(url.slice('sqlite:'.length)) }
}

export function readBus({ DATABASE_URL, BUS_URL: url }: Given): BusSettings | undefined {
  if (!isPostgresUrl(DATABASE_URL)) return undefined
  return url === undefined ? { kind: 'notify' } : { kind: 'redis', url }
}

/** Where what a node keeps for itself lies. */
export function dataFolder(database: DatabaseSettings): string {
  return database.kind === 'sqlite' ? dirname(database.path) : resolve('data')
}

/** The random part lets no two nodes share a name: those in containers may share their host's. */
export function readNodeName({ NODE_NAME: name }: Given): string {
  if (name !== undefined) return name
  const host = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-')
  return `${host.slice(0, 55)}-${randomBytes(4).toString('hex')}`
}

function isPostgresUrl(text: string): boolean {
  return isUrlOf(text, ['postgres:', 'postgresql:'])
}

/** As its client reads it: where there is a path it is the number of a database, and what is escaped can be read. */
function isRedisUrl(text: string): boolean {
  if (!isUrlOf(text, ['redis:', 'rediss:'])) return false
  const { pathname, username, password } = new URL(text)
  return /^\/?\d*$/.test(pathname) && [username, password].every(isEscaped)
}

function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text)
  return url !== null && protocols.includes(url.protocol) && text.includes('://')
}
