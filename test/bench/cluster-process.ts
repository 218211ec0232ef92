import { randomBytes } from 'node:crypto'
import { findPostgres, startPostgres, type PostgresServer } from '../postgres.js'
import type { Child } from './child.js'
import { startService, type TemporaryFolder } from './service-process.js'

/** Nodes over one PostgreSQL of their own. */
export interface Cluster {
  postgres: PostgresServer
  nodes: Child[]
  urls: string[]
  secret: string
  [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Starts PostgreSQL, with nothing set that its package doesn't set, and so many nodes over it.
 * @throws Error where PostgreSQL is not installed
 */
export async function startCluster(folder: TemporaryFolder, count: number): Promise<Cluster> {
  const bin = findPostgres()
  if (bin === undefined) throw new Error('this scenario needs PostgreSQL: `postgresql` on Debian')
  const secret = randomBytes(32).toString('base64url')
  const postgres = await startPostgres(bin)
  const nodes: Child[] = []
  const urls: string[] = []
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    await postgres[Symbol.asyncDispose]()
  }
  try {
    while (nodes.length < count) {
      const settings = { DATABASE_URL: postgres.url('postgres'), LOG_LEVEL: 'info' }
      const { child, url } = await startService(folder, secret, { settings })
      nodes.push(child)
      urls.push(url)
    }
  } catch (error) {
    await end()
    throw error
  }
  return { postgres, nodes, urls, secret, [Symbol.asyncDispose]: end }
}
