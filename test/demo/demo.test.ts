import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { databaseAt, isSqlite } from '../back-ends/database.js'
import { temporaryFolder } from '../harness.js'
import { complaints } from './verdict.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const DEMO = fileURLToPath(new URL('main.ts', import.meta.url))
const FORGETFUL = fileURLToPath(new URL('forgetful-main.mjs', import.meta.url))
const UNREPENTANT = fileURLToPath(new URL('unrepentant-main.mjs', import.meta.url))

async function runDemo(environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--import', TSX, DEMO], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return { code: child.exitCode, output }
}

test('the demo ends with 0 and tells who received what and when', async () => {
  using folder = temporaryFolder()
  const { code, output } = await runDemo(await databaseAt(join(folder.path, 'demo')))
  expect(output).toMatch(/\d s {2}phone {4}got #5 "Packed" \(replayed\)/)
  expect(output).toMatch(/\d s {2}laptop {3}got #5 "Packed" \(live, 3 unread\)/)
  // What was read follows the user: to the laptop at once, to the phone when it is back.
  expect(output).toMatch(/\d s {2}phone {4}marks "Order placed" as read/)
  expect(output).toMatch(/\d s {2}laptop {3}hears #4: "Order placed" is read \(live, 2 unread\)/)
  expect(output).toMatch(/\d s {2}laptop {3}marks "Payment received" as read/)
  expect(output).toMatch(/\d s {2}phone {4}hears #9: "Payment received" is read \(replayed\)/)
  // So does what the shop takes back.
  expect(output).toMatch(
    /\d s {2}laptop {3}drops "Arrives in 1926" by #8: recalled \(live, 4 unread\)/,
  )
  expect(output).toMatch(/\d s {2}phone {4}drops "Arrives in 1926" by #8: recalled \(replayed\)/)
  expect(output).toContain('killed with SIGKILL')
  expect(output).toContain('Each device got all 10, once, in order')
  expect(code).toBe(0)
})

test.runIf(isSqlite())(
  'the demo ends with 1 where the service loses what it accepted',
  async () => {
    const { code, output } = await runDemo({ POSTHORN_MAIN: FORGETFUL })
    expect(output).toContain('phone never got "Packed"')
    expect(output).toContain('phone never got "Payment received, read"')
    expect(code).toBe(1)
  },
)

test.runIf(isSqlite())(
  'the demo ends with 1 where a recall does not reach a device that was away',
  async () => {
    const { code, output } = await runDemo({ POSTHORN_MAIN: UNREPENTANT })
    expect(output).toContain('phone never got "Arrives in 1926, taken back"')
    expect(output).not.toContain('laptop never got')
    expect(code).toBe(1)
  },
)

const of = (received: string[]) =>
  complaints({ device: 'phone', expected: ['a', 'b', 'c'], received })

test('finds what is missing, doubled, strange or out of order', () => {
  expect(of(['a', 'b', 'c'])).toEqual([])
  expect(of(['a', 'c'])).toEqual(['phone never got "b"'])
  expect(of(['a', 'b', 'b', 'c'])).toEqual(['phone got something twice'])
  expect(of(['a', 'b', 'c', 'd'])).toEqual(['phone got "d", which was not for it'])
  expect(of(['b', 'a', 'c'])).toEqual(['phone got its notifications out of order'])
})
