import { createClient } from '@redis/client'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './free-port.js'

/** A Redis or Valkey server of the tests' own; it keeps nothing. */
export interface RedisServer {
  url: string
  port: number
  /** Has its word on it, as a client of its own. */
  ask: (...words: string[]) => Promise<unknown>
  stop: () => Promise<void>
  /** Starts it again, on the same port. */
  start: () => Promise<void>
  /** Holds it up, so that it takes all and answers nothing, until `resume`. */
  pause: () => void
  resume: () => void
  [Symbol.asyncDispose]: () => Promise<void>
}

/** The server's program; undefined where none is installed. */
export function findRedis(): string | undefined {
  const { REDIS_SERVER: given } = process.env
  const names = given === undefined ? ['redis-server', 'valkey-server'] : [given]
  return names.find((name) => spawnSync(name, ['--version']).status === 0)
}

/** Starts a server on a free port of this machine; as a cluster of one node where it is `clustered`. */
export async function startRedis(
  program: string,
  { clustered = false, password }: { clustered?: boolean; password?: string } = {},
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-redis-'))
  const port = await freePort()
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  if (clustered) words.push('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()))
  if (password !== undefined) words.push('--requirepass', password)
  const url = `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`
  const ask = async (...command: string[]): Promise<unknown> => {
    const socket = { reconnectStrategy: false as const }
    const client = createClient({ url, socket })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.sendCommand(command)
    } finally {
      client.destroy()
    }
  }
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    child = spawn(program, words, { stdio: 'ignore' })
    await answering(() => ask('PING'))
    if (!clustered) return
    await ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => undefined)
    await answering(async () => {
      const info = String(await ask('CLUSTER', 'INFO'))
      if (!info.includes('cluster_state:ok')) throw new Error('the cluster is not ready')
    })
  }
  const stop = async (): Promise<void> => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    port,
    ask,
    start,
    stop,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when a server answers; it says nothing by which one could wait for that. */
async function answering(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask()
      return
    } catch (error) {
      if (tries === 200) throw error
      await wait(50)
    }
  }
}
