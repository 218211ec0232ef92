import { expect, test } from 'vitest'
import { open } from '../../src/client/core.js'
import { checkOptions } from '../../src/client/options.js'
import { World } from './world.js'

const GIVEN = { url: 'https://notify.example', token: () => 'token' }

test.each([
  ['http://127.0.0.1:8080'],
  ['wss://notify.example/under/a/path'],
  [new URL('ws://notify.example')],
])('takes %s for an address', (url) => {
  expect(() => checkOptions({ ...GIVEN, url })).not.toThrow()
})

test.each([
  ['url', [undefined, null, '', '/v1', 'notify.example', 'ftp://notify.example', 8080]],
  ['token', [undefined, null, 'token', Promise.resolve('token')]],
  ['maxItems', [-1, 1.5, NaN, Infinity, '100', null, 10n]],
  ['deadlineMs', [0, -1, 0.5, NaN, Infinity, '1000', null]],
])('refuses at once what is no `%s`, and names it', (name, values) => {
  for (const value of values) {
    const check = (): void => checkOptions({ ...GIVEN, [name]: value })
    expect(check).toThrow(TypeError)
    expect(check).toThrow(`\`${name}\` is`)
  }
})

test('takes the least that there is', () => {
  expect(() => checkOptions({ ...GIVEN, maxItems: 0, deadlineMs: 1 })).not.toThrow()
})

test('opens nothing with an option that is none', async () => {
  await using world = new World()
  const { storage, environment } = world
  const options = { ...GIVEN, storage, device: () => 'phone', maxItems: -1 }
  expect(() => open(options, environment)).toThrow(TypeError)
  await world.time.settle()
  expect([world.server.sockets, world.time.timers]).toEqual([[], 0])
})

test('names an event that there is not, and wants a function for a handler', async () => {
  await using world = new World()
  const { inbox } = world.open()
  // As from plain JavaScript.
  const method: unknown = Reflect.get(inbox, 'on')
  if (typeof method !== 'function') throw new Error('there is no `on`')
  const on = (...words: unknown[]): unknown => Reflect.apply(method, inbox, words)
  for (const name of ['notifications', 'toString', '__proto__', undefined]) {
    expect(() => on(name, () => undefined)).toThrow(TypeError)
    expect(() => on(name, () => undefined)).toThrow(`there is no event '${String(name)}'`)
  }
  expect(() => on('notification', undefined)).toThrow("the handler of 'notification'")
})
