import { expect, test } from 'vitest'
import { serviceToken, startService, tokenFor, type Api, type TestService } from '../harness.js'
import { problemOf } from './problem-of.js'

/** A service behind a proxy on this machine, which says where requests come from. */
function startBehindProxy(environment: Record<string, string> = {}): Promise<TestService> {
  return startService({ environment: { TRUSTED_PROXIES: '127.0.0.1,::1', ...environment } })
}

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })

/** The status of an answer that is read to its end. */
async function statusOf(asked: Response | Promise<Response>): Promise<number> {
  const answer = await asked
  await answer.arrayBuffer()
  return answer.status
}

/** The statuses of as many requests, one after the other. */
async function statuses(
  count: number,
  ask: (number: number) => Promise<Response>,
): Promise<number[]> {
  const found: number[] = []
  for (let number = 0; number < count; number++) {
    found.push(await statusOf(ask(number)))
  }
  return found
}

const forged = (): Promise<string> => tokenFor('alice', {}, { secret: 'x'.repeat(32) })

function counts(api: Api, token: string, headers: Record<string, string> = {}): Promise<Response> {
  return api.request('/v1/inbox/counts', { token, headers })
}

test('an address of which too many tokens were refused is told when to come again', async () => {
  await using service = await startBehindProxy({ ADDRESS_FAILURES_PER_MINUTE: '2' })
  const { api } = service
  const known = await tokenFor('bob')
  await statusOf(counts(api, known, from('203.0.113.9')))
  const wrong = await forged()
  const asked = await statuses(3, () => counts(api, wrong, from('203.0.113.9')))
  expect(asked).toEqual([401, 401, 429])

  const refused = await counts(api, await tokenFor('carol'), from('203.0.113.9'))
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  // Whoever is known goes on, and other addresses know nothing of it.
  expect(await statusOf(counts(api, known, from('203.0.113.9')))).toBe(200)
  expect(await statusOf(counts(api, await tokenFor('carol'), from('203.0.113.8')))).toBe(200)
})

test('the proxy itself, and what a caller writes before it, are not who is counted', async () => {
  await using service = await startBehindProxy({ ADDRESS_FAILURES_PER_MINUTE: '2' })
  const wrong = await forged()
  const asked = await statuses(3, (number) =>
    counts(service.api, wrong, from(`198.51.100.${number}, 203.0.113.9`)),
  )
  expect(asked).toEqual([401, 401, 429])
  expect(await statusOf(counts(service.api, wrong))).toBe(401)
})

test('a process on this machine is not counted where no proxy is named', async () => {
  await using service = await startService({ environment: { ADDRESS_FAILURES_PER_MINUTE: '1' } })
  const wrong = await forged()
  const asked = await statuses(3, () => counts(service.api, wrong, from('203.0.113.9')))
  expect(asked).toEqual([401, 401, 401])
})

test('a user has so many requests, whichever of its tokens they come by', async () => {
  await using service = await startService({ environment: { USER_REQUESTS_PER_SECOND: '1' } })
  const { api } = service
  const tokens = [await tokenFor('alice'), await tokenFor('alice', { device: 'phone' })]
  const asked = await Promise.all(
    Array.from({ length: 10 }, (_, number) => statusOf(counts(api, tokens[number % 2] ?? ''))),
  )
  expect(new Set(asked)).toEqual(new Set([200]))
  const refused = await counts(api, tokens[0] ?? '')
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
  expect(refused.headers.get('ratelimit-policy')).toBe('"user";q=10;w=10')
  expect(refused.headers.get('ratelimit')).toBe(
    `"user";r=0;t=${refused.headers.get('retry-after')}`,
  )
  expect(await statusOf(counts(api, await tokenFor('bob')))).toBe(200)
})

test('a service is told of its limit with each answer, and of nothing where there is none', async () => {
  await using service = await startService({ environment: { SERVICE_REQUESTS_PER_SECOND: '50' } })
  const { api } = service
  const token = await serviceToken()
  const body = { to: { user: 'alice' }, type: 'test' }
  const first = await api.post(body, { token })
  expect(await statusOf(first)).toBe(201)
  expect(first.headers.get('ratelimit-policy')).toBe('"service";q=500;w=10')
  expect(first.headers.get('ratelimit')).toMatch(/^"service";r=499;t=\d+$/)
  const second = await api.post({ to: {} }, { token })
  expect(await statusOf(second)).toBe(422)
  expect(second.headers.get('ratelimit')).toMatch(/^"service";r=498;t=\d+$/)

  await using unlimited = await startService()
  const answer = await unlimited.api.post(body, { token })
  await answer.arrayBuffer()
  expect(answer.headers.has('ratelimit') || answer.headers.has('ratelimit-policy')).toBe(false)
})

test('each item of a batch is a request, and a batch is taken whole or not at all', async () => {
  await using service = await startService({ environment: { SERVICE_REQUESTS_PER_SECOND: '50' } })
  const { api } = service
  const token = await serviceToken()
  const sendBatch = (count: number): Promise<Response> => {
    const items = Array.from({ length: count }, () => ({ to: { user: 'alice' }, type: 'test' }))
    return api.request('/v1/notifications/batch', { method: 'POST', token, body: { items } })
  }
  const first = await sendBatch(400)
  expect(await statusOf(first)).toBe(200)
  expect(first.headers.get('ratelimit')).toMatch(/^"service";r=100;t=\d+$/)
  const refused = await sendBatch(101)
  expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' })
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  // It was itself a request; its items were none.
  expect(refused.headers.get('ratelimit')).toMatch(/^"service";r=99;t=\d+$/)
  expect(await statusOf(sendBatch(99))).toBe(200)
  expect(await statusOf(api.request('/v1/users/alice/devices', { token }))).toBe(429)
  const other = await tokenFor('warehouse', { scope: 'posthorn:send' })
  const body = { to: { user: 'alice' }, type: 'test' }
  expect(await statusOf(api.post(body, { token: other }))).toBe(201)
  const counted = await counts(api, await tokenFor('alice'))
  expect(await counted.json()).toMatchObject({ unread: 500 })
})
