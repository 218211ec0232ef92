import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { developmentSecret } from '../../src/auth/development.js'
import { secretKeys } from '../../src/auth/keys.js'
import { temporaryFolder } from '../harness.js'

const MODULE = new URL('../../dist/auth/development.js', import.meta.url).href

/** Calls it in a process of its own, as soon as that process is told to. */
function inProcess(path: string): { go: () => void; secret: Promise<string> } {
  const script = `
    const { developmentSecret } = await import(${JSON.stringify(MODULE)})
    process.stdout.write('ready ')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdout.write(developmentSecret(${JSON.stringify(path)}))
    process.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const secret = once(child, 'close').then(() => output.replace('ready ', ''))
  return { go: () => child.stdin.write('go'), secret }
}

test('makes a secret that is long enough, for its owner alone, and gives it again', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'data', 'development.secret')
  const secret = developmentSecret(path)
  expect(() => secretKeys(secret)).not.toThrow()
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder.path, 'data')).mode & 0o777).toBe(0o700)
  expect(developmentSecret(path)).toBe(secret)
  expect(readFileSync(path, 'utf8')).toBe(`${secret}\n`)
})

test('makes another secret for another folder', () => {
  using folder = temporaryFolder()
  const secrets = ['a', 'b'].map((name) => developmentSecret(join(folder.path, name, 'secret')))
  expect(secrets[0]).not.toBe(secrets[1])
})

test('reads a secret that its owner wrote, and leaves it as it is', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'development.secret')
  writeFileSync(path, 'a secret of the owner, of enough bytes\n')
  expect(developmentSecret(path)).toBe('a secret of the owner, of enough bytes')
  expect(readFileSync(path, 'utf8')).toBe('a secret of the owner, of enough bytes\n')
})

test('gives twenty processes that come at once the same secret, and leaves no draft behind', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'development.secret')
  const processes = Array.from({ length: 20 }, () => inProcess(path))
  for (const { go } of processes) go()
  const secrets = await Promise.all(processes.map(({ secret }) => secret))
  expect(secrets[0]).toMatch(/^[\w-]{43}$/)
  expect(new Set(secrets).size).toBe(1)
  expect(readdirSync(folder.path)).toEqual(['development.secret'])
})

test('fails, rather than serve another secret, where the file cannot be read', () => {
  using folder = temporaryFolder()
  expect(() => developmentSecret(folder.path)).toThrow(/EISDIR/)
})
