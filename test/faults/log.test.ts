import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Api, SECRET, temporaryFolder } from '../harness.js'
import { Ledger } from './ledger.js'
import { canMount, SmallDisk } from './small-disk.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const Listening = z.object({ msg: z.literal('listening'), url: z.string() })

/** Starts the service with its log on a descriptor of ours, or a pipe. */
function serve(databasePath: string, log: number | 'pipe') {
  return spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATABASE_URL: `sqlite:${databasePath}`,
      JWT_SECRET: SECRET,
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', log, 'inherit'],
  })
}

const urlIn = (log: string): string | undefined =>
  log
    .split('\n')
    .filter((line) => line.includes('"listening"'))
    .map((line) => Listening.parse(JSON.parse(line)).url)[0]

test('a log whose reader has gone stops nothing: sends are taken, and the service ends as it should', async () => {
  using folder = temporaryFolder()
  const child = serve(join(folder.path, 'posthorn.db'), 'pipe')
  const ended = once(child, 'close')
  let log = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text))
  await expect.poll(() => urlIn(log)).toBeDefined()
  const api = new Api(urlIn(log) ?? '')
  child.stdout?.destroy()

  const ledger = new Ledger()
  await ledger.sendAll(api, 'alice', 5)
  await ledger.expectKept(api, 'auditor')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test.skipIf(!canMount)(
  'a log on a disk that is full stops nothing, and tells what was lost when there is room',
  async () => {
    using folder = temporaryFolder()
    using disk = new SmallDisk(1)
    const path = join(disk.path, 'log')
    const file = openSync(path, 'a')
    const child = serve(join(folder.path, 'posthorn.db'), file)
    closeSync(file)
    const ended = once(child, 'close')
    const written = (): string => readFileSync(path, 'utf8')
    await expect.poll(() => urlIn(written())).toBeDefined()
    const api = new Api(urlIn(written()) ?? '')

    disk.fill()
    const ledger = new Ledger()
    // A page of the file may be half empty.
    await ledger.sendAll(api, 'alice', 50)
    disk.free()
    await ledger.sendAll(api, 'alice', 1)
    await ledger.expectKept(api, 'auditor')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    const Line = z.looseObject({ msg: z.string(), lost: z.optional(z.int()) })
    const lines = written()
      .split('\n')
      .filter((line) => line.endsWith('}') && line.startsWith('{'))
      .map((line) => Line.parse(JSON.parse(line)))
    expect(lines.find(({ msg }) => msg === 'log lines were lost')?.lost).toBeGreaterThan(1)
    expect(lines.at(-1)?.msg).toBe('stopped')
  },
)
