// What an attacker can write into the log, and what of a secret stands in it: OWASP Logging Cheat Sheet; CWE-117, CWE-532.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { pathForLog } from '../../src/telemetry/path-for-log.js'
import { exchange, requestText } from '../http/raw.js'
import { SECRET, temporaryFolder, tokenFor } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'

const PATHS = [
  '/%0d%0a%7b%22level%22:%22error%22%7d',
  '/v1/users/%1b%5b2J%1b%5b31m/inbox',
  '/%c2%9b2J',
  '/%e2%80%ae/%e2%80%a8',
  '/v1/users/%f3%a0%81%81',
]

test('a path writes no line of its own, moves no cursor and turns no text round', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'p.db'), {
    LOG_LEVEL: 'trace',
  })
  for (const path of PATHS) {
    await exchange(service.api.url, requestText(`GET ${path}`, { host: 'localhost' }))
  }
  service.signal('SIGTERM')
  await service.exited
  const requests = service.log.filter(({ msg }) => msg === 'request')
  expect(requests).toHaveLength(PATHS.length)
  expect(requests.map((line) => line['path']).join()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})

test('a path in the log is as it was asked, but for what a reader would stumble over', () => {
  const kept = [
    '/v1/inbox',
    '/v1/users/jürgen 😀/inbox',
    '/v1/users/a%2Fb/inbox',
    '/eye.js',
    '/eyJ',
  ]
  for (const path of kept) expect(pathForLog(path)).toBe(path)
  expect(pathForLog('/a\r\nb\u001b\u009b\u202e')).toBe('/a%0D%0Ab%1B%C2%9B%E2%80%AE')
})

test('a token that somebody puts into a path is not in the log, whole or cut short', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'p.db'), {
    LOG_LEVEL: 'trace',
  })
  const token = await tokenFor('alice')
  const parts = token.split('.')
  const hidden = [token, parts.slice(0, 2).join('.'), `${parts[0]}.`, token.replaceAll('.', '%2e')]
  for (const path of hidden.flatMap((text) => [`/${text}`, `/v1/inbox/${text}`, `/a=${text}&b`])) {
    await service.api.request(path, { token }).then((answer) => answer.arrayBuffer())
  }
  service.signal('SIGTERM')
  await service.exited
  const written = JSON.stringify(service.log) + service.errors
  expect(service.log.filter(({ msg }) => msg === 'request')).toHaveLength(hidden.length * 3)
  for (const part of parts) expect(written).not.toContain(part)
})

test('a handshake for another path is told by that path, without a token that stands in it', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'p.db'))
  const token = await tokenFor('alice')
  const upgrade = { host: 'localhost', upgrade: 'websocket', connection: 'Upgrade' }
  for (const path of ['/v1/sockets', `/${token}?access_token=${token}`, `/%zz/${token}%0a`]) {
    await exchange(service.api.url, requestText(`GET ${path}`, upgrade))
  }
  service.signal('SIGTERM')
  await service.exited
  const refused = service.log.filter(({ msg }) => msg === 'handshake refused')
  expect(refused.map((line) => line['path'])).toEqual([
    '/v1/sockets',
    '/[token]',
    '/%zz/[token]%0A',
  ])
  for (const part of token.split('.')) expect(JSON.stringify(service.log)).not.toContain(part)
})

test('a fault while serving, and settings that are wrong, tell no secret', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'p.db')
  const token = await tokenFor('shop', { scope: 'posthorn:send' })
  await using service = await ServiceProcess.start(path, { LOG_LEVEL: 'trace' })
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  const database = new Database(path)
  database.exec('PRAGMA foreign_keys = OFF; DROP TABLE inbox')
  database.close()
  const body = { to: { user: 'alice' }, type: 'test', title: 'a title that is private' }
  const answer = await service.api.post(body, { token })
  expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('inbox')])
  const other = await service.api.request('/v1/inbox', { token: await tokenFor('alice') })
  expect([other.status, await other.text()]).toEqual([500, expect.not.stringContaining('inbox')])
  service.signal('SIGTERM')
  await service.exited

  const again = await runCommand(['serve'], {
    DATABASE_URL: `sqlite:${path}`,
    JWT_PUBLIC_KEY: token,
    ALLOWED_ORIGINS: `https://${token}@app.example`,
    PUBLIC_URL: `https://user:${token}@notify.example/?access_token=${token}`,
    AUTH_CONFIG: token,
    PORT: token,
  })
  expect(again.code).toBe(1)
  const written = JSON.stringify(service.log) + service.errors + again.output + again.errors
  // It was told that and why it failed.
  expect(written).toContain('no such table')
  expect(again.errors.split('\n').length).toBeGreaterThan(3)
  for (const secret of [SECRET, ...token.split('.')]) expect(written).not.toContain(secret)
  expect(written).not.toContain('a title that is private')
})
