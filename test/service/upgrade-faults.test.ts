import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectDatabase } from '../../src/store/sqlite/inspect.js'
import { SECRET, temporaryFolder } from '../harness.js'
import { rawConnection, valueOf } from '../store/sqlite/files.js'
import { readVersion } from '../store/sqlite/versions/record.js'
import { ServiceProcess } from '../process.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Whether this process may look into another's system calls, and change what comes of them. */
function canTrace(): boolean {
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0) return true
  if (process.env['CI'] === 'true') throw new Error('strace does not work here')
  return false
}

/** Starts today's program with something that happens to its writes to the write-ahead log, and waits for its end. */
async function startWith(
  fault: string,
  path: string,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string }> {
  const words = ['-D', '-f', '-o', '/dev/null', '-P', `${path}-wal`]
  const inject = ['-e', 'trace=pwrite64', '-e', `inject=pwrite64:${fault}`]
  const child = spawn('strace', [...words, ...inject, process.execPath, MAIN, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: `sqlite:${path}`,
      JWT_SECRET: SECRET,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  await once(child, 'close')
  return { code: child.exitCode, signal: child.signalCode, errors }
}

function schemaOf(path: string): unknown {
  using raw = rawConnection(path)
  return valueOf(raw.connection, 'PRAGMA user_version')
}

/** A file of the first schema, which has the longest way to go. */
function writeFirst(folder: string): string {
  const path = join(folder, 'posthorn.db')
  readVersion('0001').writeTo(path)
  return path
}

async function startsSound(path: string): Promise<void> {
  await using service = await ServiceProcess.start(path)
  service.signal('SIGTERM')
  await service.exited
  expect(inspectDatabase(path)).toMatchObject({ kind: 'sound', users: 4 })
}

describe.skipIf(!canTrace())('a migration', () => {
  test.each([1, 20, 50])(
    'that is killed at write %i to the log of the database leaves one that starts',
    async (write) => {
      using folder = temporaryFolder()
      const path = writeFirst(folder.path)
      const { signal } = await startWith(`signal=SIGKILL:when=${write}`, path)
      expect(signal).toBe('SIGKILL')
      expect(schemaOf(path)).toBe(1)
      await startsSound(path)
    },
    60_000,
  )

  test.each([20])(
    'that finds the disk full at write %i stops the start, and leaves the old database',
    async (write) => {
      using folder = temporaryFolder()
      const path = writeFirst(folder.path)
      const { code, errors } = await startWith(`error=ENOSPC:when=${write}+`, path)
      expect(code).toBe(1)
      expect(errors).toMatch(/^posthorn: .*database or disk is full/m)
      expect(schemaOf(path)).toBe(1)
      await startsSound(path)
    },
    60_000,
  )
})
