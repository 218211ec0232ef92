import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Doorway } from '../client/doorway.js'
import { startService, temporaryFolder } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { Listening } from './listening.js'

/** Where nobody listens: a port that was free just now. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

const isUpToDate = (line: string) => line.startsWith('up to date')
const hasTitle = (title: string) => (line: string) => line.includes(`  ${title}`)

test('`listen` that starts before the service says why nothing comes, and goes on when the service is there', async () => {
  await using doorway = await Doorway.open(await nowhere())
  await using listening = new Listening(['--user', 'alice', '--url', doorway.url])
  const error = await listening.errorLine(() => true)
  expect(error).toMatch(
    /^no service answers at http:\/\/127\.0\.0\.1:\d+ \(.+\), trying again (in \d+ s|at once)$/,
  )
  expect(listening.lines).toEqual([])
  await using service = await startService()
  doorway.leadTo(service.url)
  await listening.line(isUpToDate)
  await service.api.send('alice', 'Hello')
  await listening.line(hasTitle('Hello'))
  expect(await listening.interrupt()).toBe(0)
})

test('`listen` stays through a crash of the service, and prints each notification once', async () => {
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  const first = await ServiceProcess.start(databasePath)
  await using doorway = await Doorway.open(first.api.url)
  await using listening = new Listening(['--user', 'alice', '--url', doorway.url])
  await listening.line(isUpToDate)
  for (const title of ['one', 'two', 'three']) await first.api.send('alice', title)
  await listening.line(hasTitle('three'))
  await first.kill()
  await listening.errorLine((line) => line.startsWith('connection lost'))
  await using second = await ServiceProcess.start(databasePath)
  await second.api.send('alice', 'four')
  doorway.leadTo(second.api.url)
  await listening.line(hasTitle('four'))
  await second.api.send('alice', 'five')
  await listening.line(hasTitle('five'))
  expect(await listening.interrupt()).toBe(0)
  const printed = listening.lines.filter((line) => line.startsWith('#'))
  expect(printed.map((line) => line.split('  ').slice(2))).toEqual([
    ['one'],
    ['two'],
    ['three'],
    ['four', '(replayed)'],
    ['five'],
  ])
})

test('`listen` is interrupted while it waits for the service, too', async () => {
  await using listening = new Listening(['--user', 'alice', '--url', await nowhere()])
  await listening.errorLine((line) => line.startsWith('no service answers'))
  expect(await listening.interrupt()).toBe(0)
})

test('`listen` ends in peace where nobody reads on, and acknowledges nothing that was not printed', async () => {
  await using service = await startService()
  const words = ['--user', 'alice', '--url', service.url]
  await using first = new Listening(words)
  await first.line(isUpToDate)
  first.stopReading()
  await service.api.send('alice', 'unprinted')
  expect([await first.exited, first.errorLines]).toEqual([0, []])
  await using asJson = new Listening([...words, '--json', '--device', 'other'])
  await asJson.line((line) => line.includes('caught_up'))
  asJson.stopReading()
  await service.api.send('alice', 'another')
  expect([await asJson.exited, asJson.errorLines]).toEqual([0, []])

  await using second = new Listening(words)
  await second.line(isUpToDate)
  expect(second.lines.slice(1, 3).map((line) => line.split('  ')[2])).toEqual([
    'unprinted',
    'another',
  ])
  await using other = new Listening([...words, '--device', 'other'])
  await other.line(isUpToDate)
  expect(other.lines[1]).toContain('another')
})
