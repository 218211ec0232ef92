import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.js'
import { serverUser } from './postgres.js'
// Not by way of the harness: this is read before anything is built.
import { temporaryFolder } from './temporary-folder.js'

const EXAMPLE = new URL('../src/operations/cluster/pgbouncer.ini', import.meta.url)

/**
 * Where PgBouncer is: Debian's place. Undefined where it is not, and its tests are left out.
 * @throws Error in CI, where that is a failure
 */
export function findPgBouncer(path = '/usr/sbin/pgbouncer'): string | undefined {
  if (existsSync(path)) return path
  if (process.env['CI'] === 'true') throw new Error(`there is no pgbouncer at ${path}`)
  return undefined
}

export interface PgBouncer {
  /** Where a database is reached through it. */
  url: (database: string) => string
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts the example's pooler before a PostgreSQL of this machine that asks for no password. */
export async function startPgBouncer(program: string, postgresPort: number): Promise<PgBouncer> {
  const folder = temporaryFolder()
  const port = await freePort()
  const places = {
    'posthorn = host=127.0.0.1 port=5432 dbname=posthorn': `* = host=127.0.0.1 port=${postgresPort}`,
    'listen_port = 6432': `listen_port = ${port}\nunix_socket_dir =`,
    'auth_type = scram-sha-256': 'auth_type = trust',
    '/etc/pgbouncer/userlist.txt': join(folder.path, 'users'),
    // Fewer than the tests' pools have, so that they do share.
    'default_pool_size = 40': 'default_pool_size = 3',
    'reserve_pool_size = 10': 'reserve_pool_size = 0',
  }
  let text = readFileSync(EXAMPLE, 'utf8')
  for (const [there, here] of Object.entries(places)) {
    if (text.split(there).length !== 2) throw new Error(`the example must say ${there} once`)
    text = text.replace(there, here)
  }
  const file = join(folder.path, 'pgbouncer.ini')
  writeFileSync(file, text)
  writeFileSync(join(folder.path, 'users'), '"posthorn" ""\n')
  // Like PostgreSQL it does not run as root.
  const user = serverUser()
  if (user) chownSync(folder.path, user.uid, user.gid)
  const child = spawn(program, [file], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      if (line.includes('process up')) resolve()
    })
    void exited.then(() => reject(new Error(`pgbouncer did not start:\n${lines.join('\n')}`)))
  })
  return {
    url: (database) => `postgres://posthorn@127.0.0.1:${port}/${database}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
      folder[Symbol.dispose]()
    },
  }
}
