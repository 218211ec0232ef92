import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { Api, SECRET, temporaryFolder } from '../harness.js'
import { unsynced } from './trace.js'

// A kill proves no fsync: the kernel keeps what a dead process has written. This looks at the system calls instead, by
// strace: between each request and its answer stands a sync of the file. Ends with 1 where one is missing.

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
/** Sends, and marks of what was sent. */
const REQUESTS = 20
const CALLS = 'read,write,writev,recvfrom,sendto,fsync,fdatasync'

const Listening = z.object({ msg: z.literal('listening'), url: z.string() })

using folder = temporaryFolder()
const trace = join(folder.path, 'trace')
const service = spawn(
  'strace',
  // -D: the service is our child, not strace's, so that it hears our signals.
  ['-D', '-f', '-s', '64', '-e', `trace=${CALLS}`, '-o', trace, process.execPath, MAIN, 'serve'],
  {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: `sqlite:${join(folder.path, 'posthorn.db')}`,
      JWT_SECRET: SECRET,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
try {
  const api = new Api(await listening())
  for (const { id } of await api.sendMany('alice', REQUESTS)) {
    await api.mark('alice', { action: 'read', ids: [id] })
  }
} finally {
  service.kill('SIGTERM')
  await once(service, 'close')
}

const { answers, missing } = unsynced(readFileSync(trace, 'utf8'))
console.log(
  `${answers} requests were answered, ${missing} of them without a sync before the answer`,
)
process.exitCode = answers === 2 * REQUESTS && missing === 0 ? 0 : 1

async function listening(): Promise<string> {
  for await (const line of createInterface({ input: service.stdout })) {
    const parsed = Listening.safeParse(JSON.parse(line))
    if (parsed.success) return parsed.data.url
  }
  throw new Error('the service did not start')
}
