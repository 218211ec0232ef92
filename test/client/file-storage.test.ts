import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileStorage } from '../../src/client/file-storage.js'
import { temporaryFolder } from '../harness.js'

test('keeps what it is given for the next process, in a file that is the owner’s alone', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'deep', 'position.json')
  const storage = fileStorage(path)
  expect(await storage.get('a')).toBeUndefined()
  await storage.set('a', '1')
  await storage.set('b', '2')
  await storage.set('a', '3')
  const next = fileStorage(path)
  expect([await next.get('a'), await next.get('b')]).toEqual(['3', '2'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(folder.path, 'deep'))).toEqual(['position.json'])
})

test('leaves the old content whole where a write was cut off', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'position.json')
  await fileStorage(path).set('a', '1')
  // What a process leaves that is killed in the middle of a write.
  writeFileSync(`${path}.4711.tmp`, '{"a":"2","b')
  expect(await fileStorage(path).get('a')).toBe('1')
})

test('does not write over a file that is not its own', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'notes.txt')
  writeFileSync(path, 'dear diary')
  expect(() => fileStorage(path).set('a', '1')).toThrow(SyntaxError)
  expect(readFileSync(path, 'utf8')).toBe('dear diary')
})
