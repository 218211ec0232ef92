import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const SOAK = fileURLToPath(new URL('main.ts', import.meta.url))

async function runSoak(words: readonly string[]) {
  const shortest = ['--minutes', '0.2', '--sockets', '100']
  const child = spawn(process.execPath, ['--import', TSX, SOAK, ...shortest, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return { code: child.exitCode, output }
}

test('a short soak with a kill ends with 0 and says what it did', async () => {
  const { code, output } = await runSoak([])
  expect(output).toContain('SIGKILL')
  expect(output).toMatch(/^connections +\d{2,}$/m)
  expect(output).toMatch(/^notifications +\d{2,}$/m)
  expect(output).toMatch(/^devices that hold all +124$/m)
  expect(output).toContain('every promise was kept')
  expect(code).toBe(0)
}, 240_000)

test('a soak notices that events are dropped on their way', async () => {
  const { code, output } = await runSoak(['--break', 'drop'])
  expect(output).toMatch(/^WRONG: every device gets everything: crowd/m)
  expect(output).toMatch(/^WRONG: no delivery is recorded that was none: crowd/m)
  expect(code).toBe(1)
}, 240_000)

test('a soak notices that events come twice', async () => {
  const { code, output } = await runSoak(['--break', 'double'])
  expect(output).toMatch(/^WRONG: entries come once and in order: crowd/m)
  expect(code).toBe(1)
}, 240_000)
