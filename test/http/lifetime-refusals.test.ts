import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { problemOf, shortOf } from './problem-of.js'

// What a send may not say of its time. The clock stands still, before the tokens expire.

const START = Date.UTC(2026, 2, 29, 0, 30)
const DAY_MS = 24 * 60 * 60 * 1000

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService({ clock: () => START })
  token = await serviceToken()
})
afterAll(() => service[Symbol.asyncDispose]())

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()
const to = (user: string, more: object = {}) => ({ to: { user }, type: 'test', ...more })
const post = (body: object): Promise<Response> => service.api.post(body, { token })

async function words(body: object): Promise<string[]> {
  return ((await problemOf(await post(body))).errors ?? []).map(({ detail }) => detail)
}

describe('refused with 422', () => {
  const device = { to: { user: 'lea', device: 'phone' }, type: 'test' }
  const connection = { to: { connection: 'abc' }, type: 'test' }

  test.each<[string, object, string]>([
    ['a negative ttl', to('lea', { ttl: -1 }), '/ttl:invalid_value'],
    ['a ttl that is no whole number', to('lea', { ttl: 1.5 }), '/ttl:invalid_type'],
    ['a ttl as text', to('lea', { ttl: '60' }), '/ttl:invalid_type'],
    ['a ttl over ten years', to('lea', { ttl: 315_360_001 }), '/ttl:invalid_value'],
    ['an empty collapse key', to('lea', { collapseKey: '' }), '/collapseKey:invalid_value'],
    ['a long one', to('lea', { collapseKey: 'x'.repeat(129) }), '/collapseKey:invalid_value'],
    ['half a character', to('lea', { collapseKey: '\ud800' }), '/collapseKey:invalid_value'],
    ['a collapse key that is a number', to('lea', { collapseKey: 7 }), '/collapseKey:invalid_type'],
    [
      'a time without a zone',
      to('lea', { deliverAt: '2026-03-29T10:00:00' }),
      '/deliverAt:invalid_value',
    ],
    ['a date', to('lea', { deliverAt: '2026-03-29' }), '/deliverAt:invalid_value'],
    [
      'a day that is none',
      to('lea', { deliverAt: '2026-02-29T10:00:00Z' }),
      '/deliverAt:invalid_value',
    ],
    ['a time as a number', to('lea', { deliverAt: START }), '/deliverAt:invalid_type'],
    [
      'a time with a ttl of 0',
      to('lea', { deliverAt: at(START), ttl: 0 }),
      '/deliverAt:invalid_value',
    ],
    ['one device without a ttl', device, '/ttl:invalid_value'],
    ['one device with a ttl', { ...device, ttl: 60 }, '/ttl:invalid_value'],
    ['one connection without a ttl', connection, '/ttl:invalid_value'],
    ['one connection with null', { ...connection, ttl: null }, '/ttl:invalid_value'],
  ])('%s', async (_what, body, answer) => {
    expect(await shortOf(await post(body))).toBe(`422 invalid_request ${answer}`)
  })

  test('in words that say what is expected', async () => {
    expect(await words(to('lea', { ttl: -1 }))).toEqual(['a ttl is not negative'])
    expect(await words(to('lea', { ttl: 315_360_001 }))).toEqual(['a ttl is at most ten years'])
    expect(await words(to('lea', { collapseKey: '' }))).toEqual([
      'a collapse key is 1–128 characters',
    ])
    expect(await words(to('lea', { deliverAt: 'tomorrow' }))).toEqual([
      'deliverAt is a time as RFC 3339 writes it',
    ])
    expect(await words(to('lea', { deliverAt: at(START + 400 * DAY_MS) }))).toEqual([
      'must be at most a year ahead',
    ])
    expect(await words(device)).toEqual([
      'must be 0 for one device or one connection: what is stored is for all',
    ])
  })

  test('and nothing is stored', async () => {
    const lea = await AsUser.of(service.api, 'lea')
    expect(await lea.counts()).toMatchObject({ latest: 0 })
  })
})
