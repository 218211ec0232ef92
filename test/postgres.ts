import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from './free-port.js'

/** A PostgreSQL server of the tests' own, over a folder that goes with it. */
export interface PostgresServer {
  port: number
  /** Of the server's first process; undefined while it is stopped. */
  readonly pid: number | undefined
  /** Where a database of it is reached. */
  url: (database: string) => string
  /** Ends it: at once (`immediate`) as a crash would, or in good order (`fast`). */
  stop: (mode?: 'fast' | 'immediate') => Promise<void>
  /** Starts it again over what it had. */
  start: () => Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Where PostgreSQL's programs are; undefined where it is not installed. Debian has one folder for each version. */
export function findPostgres(): string | undefined {
  const given = process.env['POSTGRES_BIN']
  if (given !== undefined) return given
  const versions = '/usr/lib/postgresql'
  const newest = existsSync(versions)
    ? readdirSync(versions).toSorted((a, b) => Number(b) - Number(a))[0]
    : undefined
  return newest === undefined ? undefined : join(versions, newest, 'bin')
}

/** PostgreSQL does not run as root: then it runs as the user whom its package has made. */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres']).toString())
}

/** Starts a server on a free port of this machine. */
export async function startPostgres(
  bin: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-postgres-'))
  const user = serverUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } }
  execFileSync(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username=posthorn', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    { ...options, stdio: 'ignore' },
  )
  const port = await freePort()
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...settings,
  }
  const words = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let child: ChildProcess | undefined
  const url = (database: string): string => `postgres://posthorn@127.0.0.1:${port}/${database}`
  const start = async (): Promise<void> => {
    child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...words], {
      ...options,
      stdio: 'ignore',
    })
    await answering(url('postgres'))
  }
  const stop = async (mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    // https://www.postgresql.org/docs/15/server-shutdown.html
    running.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await once(running, 'exit')
  }
  await start()
  return {
    port,
    get pid() {
      return child?.pid
    },
    url,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when a server takes connections; it says nothing by which one could wait for that. */
async function answering(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (tries === 200) throw error
      await wait(50)
    }
  }
}
