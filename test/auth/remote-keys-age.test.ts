import { afterEach, beforeEach, expect, test } from 'vitest'
import { PublishedKeys, TIMES } from './published-keys.js'

let published: PublishedKeys
beforeEach(async () => {
  published = await PublishedKeys.publish()
})
afterEach(() => published[Symbol.asyncDispose]())

test('looks anew before it uses keys that are old, so that one that was withdrawn serves no more', async () => {
  await published.outcome(published.token('first'))
  published.provider.publish('next')
  published.pass(TIMES.refreshMs - 1)
  expect(await published.outcome(published.token('first'))).toBe('alice')
  expect(published.provider.fetches).toBe(1)
  published.pass(1)
  expect(await published.outcome(published.token('first'))).toBe('invalid_token')
  expect(await published.outcome(published.token('next'))).toBe('alice')
  expect(published.provider.fetches).toBe(2)
})

test('believes no token by memory when its key was withdrawn, or all are too old', async () => {
  published.provider.publish('first', 'second')
  const [kept, withdrawn] = [await published.token('first'), await published.token('second')]
  expect([await published.outcome(kept), await published.outcome(withdrawn)]).toEqual([
    'alice',
    'alice',
  ])
  published.provider.publish('first')
  published.pass(TIMES.refreshMs)
  // By memory still: nobody has looked since.
  expect(await published.outcome(withdrawn)).toBe('alice')
  expect(await published.outcome(published.token('first'))).toBe('alice')
  expect(published.provider.fetches).toBe(2)
  published.pass(TIMES.cooldownMs)
  expect([await published.outcome(kept), await published.outcome(withdrawn)]).toEqual([
    'alice',
    'invalid_token',
  ])
  published.provider.mood = 'faulty'
  published.pass(TIMES.maxAgeMs)
  expect(await published.outcome(kept)).toBe('keys_unavailable')
})

test('looks anew when a signature does not fit: a key may have been replaced under its own name', async () => {
  await published.outcome(published.token('first'))
  published.provider.make('first')
  published.provider.publish('first')
  expect(await published.outcome(published.token('first'))).toBe('invalid_token')
  expect(published.provider.fetches).toBe(1)
  published.pass(TIMES.cooldownMs)
  expect(await published.outcome(published.token('first'))).toBe('invalid_token')
  await published.ended(2)
  expect(await published.outcome(published.token('first'))).toBe('alice')
})

test('counts the age of the keys from the last fetch, not from the first', async () => {
  await published.outcome(published.token('first'))
  published.pass(TIMES.maxAgeMs - 1)
  expect(await published.outcome(published.token('first'))).toBe('alice')
  published.provider.mood = 'faulty'
  published.pass(TIMES.maxAgeMs - 1)
  expect(await published.outcome(published.token('first'))).toBe('alice')
  published.pass(1)
  expect(await published.outcome(published.token('first'))).toBe('keys_unavailable')
})

test('by default waits 10 s between two fetches, looks anew after 10 minutes, and gives up after 4 hours', async () => {
  await using usual = await PublishedKeys.publish({})
  const after = async (milliseconds: number, kid: string) => {
    usual.pass(milliseconds)
    return [await usual.outcome(usual.token(kid)), usual.provider.fetches]
  }
  usual.provider.make('next')
  expect(await after(1, 'first')).toEqual(['alice', 1])
  expect(await after(9_999, 'next')).toEqual(['keys_unavailable', 1])
  expect(await after(1, 'next')).toEqual(['invalid_token', 2])
  expect(await after(599_999, 'first')).toEqual(['alice', 2])
  expect(await after(1, 'first')).toEqual(['alice', 3])
  usual.provider.mood = 'faulty'
  expect(await after(14_399_999, 'first')).toEqual(['alice', 4])
  expect(await after(1, 'first')).toEqual(['keys_unavailable', 4])
})

test('lets nobody wait for a provider that is known to be down', async () => {
  // A fetch that was waited for would outlast the test.
  await using patient = await PublishedKeys.publish({ ...TIMES, timeoutMs: 60_000 })
  const { provider } = patient
  await patient.outcome(patient.token('first'))
  patient.pass(TIMES.refreshMs)
  provider.mood = 'faulty'
  expect(await patient.outcome(patient.token('first'))).toBe('alice')
  await patient.ended(2)
  patient.pass(TIMES.cooldownMs)
  provider.hold()
  // Its answer is held back, and nobody waits for it.
  expect(await patient.outcome(patient.token('first'))).toBe('alice')
  await provider.asked(3)
  provider.release()
  await patient.ended(3)
})
