import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { findPostgres, startPostgres, type PostgresServer } from '../postgres.js'
import { findRedis, startRedis, type RedisServer } from '../redis.js'
import { Cluster } from './cluster.js'
import { Link } from './link.js'

/** What wakes the nodes. */
export type BusName = 'notify' | 'redis'

const bin = findPostgres()
const program = findRedis()

export const BUSES: readonly BusName[] = ['notify', 'redis']

/** Those whose servers are installed here. */
export const buses: readonly BusName[] = [
  ...(bin === undefined ? [] : ['notify' as const]),
  ...(bin === undefined || program === undefined ? [] : ['redis' as const]),
]

const NODES = ['node-1', 'node-2', 'node-3']

/** Three nodes over servers of their own: `await using stage = await Stage.open('notify')`. */
export class Stage {
  readonly postgres: PostgresServer
  readonly redis: RedisServer | undefined
  readonly cluster: Cluster
  /** The line between each node and the bus. */
  readonly links: ReadonlyMap<string, Link>
  readonly #databaseUrl: string
  readonly #close: () => Promise<void>

  private constructor(
    parts: Pick<Stage, 'postgres' | 'redis' | 'cluster' | 'links'>,
    databaseUrl: string,
    close: () => Promise<void>,
  ) {
    this.postgres = parts.postgres
    this.redis = parts.redis
    this.cluster = parts.cluster
    this.links = parts.links
    this.#databaseUrl = databaseUrl
    this.#close = close
  }

  /** Starts servers and nodes; these make the tables, all at once. */
  static async open(bus: BusName): Promise<Stage> {
    if (bin === undefined) throw new Error('there is no PostgreSQL')
    const owned: AsyncDisposable[] = []
    const close = async (): Promise<void> => {
      for (const one of owned.splice(0).toReversed()) await one[Symbol.asyncDispose]()
    }
    const own = <One extends AsyncDisposable>(one: One): One => {
      owned.push(one)
      return one
    }
    try {
      const postgres = own(await startPostgres(bin))
      const redis =
        bus === 'redis' && program !== undefined ? own(await startRedis(program)) : undefined
      const links = new Map<string, Link>()
      for (const name of NODES) {
        links.set(name, own(await Link.open((redis ?? postgres).port)))
      }
      const database = `posthorn_${randomBytes(4).toString('hex')}`
      await query(postgres.url('postgres'), `CREATE DATABASE ${database}`)
      const databaseUrl = postgres.url(database)
      const settings = NODES.map((name) => {
        const port = String(links.get(name)?.port)
        const line = new URL(redis?.url ?? databaseUrl)
        line.port = port
        return {
          name,
          environment: {
            NODE_NAME: name,
            DATABASE_URL: databaseUrl,
            [redis ? 'BUS_URL' : 'NOTIFY_URL']: line.href,
          },
        }
      })
      const cluster = own(await Cluster.start(settings))
      return new Stage({ postgres, redis, cluster, links }, databaseUrl, close)
    } catch (error) {
      await close()
      throw error
    }
  }

  link(name: string): Link {
    const link = this.links.get(name)
    if (!link) throw new Error(`there is no node ${name}`)
    return link
  }

  /** What the database holds, read past the nodes. */
  query(sql: string, values: readonly (string | number)[] = []): Promise<unknown[]> {
    return query(this.#databaseUrl, sql, values)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}

async function query(
  url: string,
  sql: string,
  values: readonly (string | number)[] = [],
): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<object>(sql, [...values])).rows
  } finally {
    await client.end()
  }
}
