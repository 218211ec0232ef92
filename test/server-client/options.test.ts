import { expect, test } from 'vitest'
import { createClient } from '../../src/server-client/client.js'
import { PosthornArgumentError } from '../../src/server-client/errors.js'
import { settingsOf } from '../../src/server-client/options.js'
import { SENDING, TOKEN } from './client-of.js'
import { RECEIPT } from './scripted-server.js'

test.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['https://notify.example/', 'https://notify.example'],
  ['https://shop.example/posthorn//', 'https://shop.example/posthorn'],
  [new URL('https://shop.example/posthorn'), 'https://shop.example/posthorn'],
])('reaches the service at %s', (url, base) => {
  expect(settingsOf({ url, token: TOKEN }).base).toBe(base)
})

test.each(['', 'notify.example', 'ws://notify.example', 'file:///etc/passwd'])(
  'refuses %j as a URL',
  (url) => {
    expect(() => createClient({ url, token: TOKEN })).toThrow(PosthornArgumentError)
  },
)

test.each([
  'https://:secret@a.example',
  'https://a.example?key=secret',
  'https://a.example#secret',
])('refuses %j as a URL and does not show it', (url) => {
  expect(() => createClient({ url, token: TOKEN })).toThrow(PosthornArgumentError)
  expect(() => createClient({ url, token: TOKEN })).not.toThrow(/secret/)
})

test.each([
  { maxAttempts: 0 },
  { maxAttempts: 1.5 },
  { timeoutMs: 0 },
  { timeoutMs: Number.POSITIVE_INFINITY },
  { attemptTimeoutMs: 2 ** 31 },
  { attemptTimeoutMs: Number.NaN },
])('refuses %j', (options) => {
  const url = 'http://127.0.0.1:8080'
  expect(() => createClient({ url, token: TOKEN, ...options })).toThrow(PosthornArgumentError)
})

test('asks by the `fetch` that is given, in the time of this machine', async () => {
  const asked: string[] = []
  const client = createClient({
    url: 'https://shop.example/posthorn/',
    token: TOKEN,
    fetch: (url) => {
      asked.push(url)
      return Promise.resolve(Response.json(RECEIPT, { status: 201 }))
    },
  })
  const { idempotencyKey } = await client.send(SENDING)
  expect(asked).toEqual(['https://shop.example/posthorn/v1/notifications'])
  expect(idempotencyKey).toMatch(/^[0-9a-f-]{36}$/)
})
