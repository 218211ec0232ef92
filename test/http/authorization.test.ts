import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES } from '../../src/auth/principal.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { problemOf } from './problem-of.js'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

interface Route {
  method: string
  path: string
  /** The scope that a service needs; undefined for a user's own. */
  scope?: string
  /** What the right caller is answered here. */
  status: number
}

const ROUTES: Route[] = [
  { method: 'POST', path: '/v1/notifications', scope: 'posthorn:send', status: 400 },
  { method: 'POST', path: '/v1/notifications/batch', scope: 'posthorn:send', status: 400 },
  { method: 'GET', path: `/v1/notifications/${ID}`, scope: 'posthorn:read', status: 404 },
  {
    method: 'GET',
    path: `/v1/notifications/${ID}/deliveries`,
    scope: 'posthorn:read',
    status: 404,
  },
  { method: 'GET', path: '/v1/inbox', status: 200 },
  { method: 'GET', path: '/v1/inbox/counts', status: 200 },
  { method: 'GET', path: '/v1/inbox/changes', status: 400 },
  { method: 'GET', path: `/v1/inbox/${ID}`, status: 404 },
  { method: 'POST', path: '/v1/inbox/mark', status: 400 },
  { method: 'POST', path: '/v1/inbox/ack', status: 400 },
  { method: 'GET', path: '/v1/users/alice/inbox', scope: 'posthorn:users', status: 200 },
  { method: 'GET', path: '/v1/users/alice/inbox/counts', scope: 'posthorn:users', status: 200 },
  { method: 'POST', path: '/v1/revocations', scope: 'posthorn:users', status: 400 },
  { method: 'POST', path: '/v1/users/alice/inbox/mark', scope: 'posthorn:users', status: 400 },
]

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

function ask({ method, path }: Route, authorization?: string): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization }
  return service.api.request(path, { method, headers })
}

/** The code and challenge of a refusal that repeats nothing of what was sent. */
async function refusal(response: Response, sent: string): Promise<[number, string, string | null]> {
  const text = await response.clone().text()
  const parts = sent.split(/[.\s]/).filter((part) => part.length > 6)
  expect(parts.filter((part) => text.includes(part))).toEqual([])
  const { status, code } = await problemOf(response)
  return [status, code, response.headers.get('www-authenticate')]
}

const NO_TOKEN = 'Bearer realm="posthorn"'
const BAD_TOKEN = 'Bearer realm="posthorn", error="invalid_token"'
const BAD_SCOPE = 'Bearer realm="posthorn", error="insufficient_scope"'

describe.each(ROUTES)('$method $path', (route) => {
  const rightToken = (): Promise<string> =>
    route.scope === undefined ? tokenFor('alice') : tokenFor('shop', { scope: route.scope })

  test('answers the right caller', async () => {
    expect((await ask(route, `Bearer ${await rightToken()}`)).status).toBe(route.status)
  })

  test('asks whoever brings no token for one', async () => {
    const none = [undefined, 'Basic c2hvcDpwYXNzd29yZA==', 'Token x', (await rightToken()).slice(3)]
    for (const authorization of none) {
      const answer = await refusal(await ask(route, authorization), authorization ?? '')
      expect(answer).toEqual([401, 'missing_token', NO_TOKEN])
    }
  })

  test('refuses a token that is none, or that nobody trusted has signed', async () => {
    const token = await rightToken()
    const forged = await tokenFor('alice', {}, { secret: 'a secret of somebody else, long enough' })
    const garbage = ['Bearer', 'Bearer garbage', `Bearer ${token} ${token}`, `Bearer ${token}x`]
    for (const authorization of [...garbage, `Bearer "${token}"`, `Bearer ${forged}`]) {
      const answer = await refusal(await ask(route, authorization), authorization)
      expect(answer).toEqual([401, 'invalid_token', BAD_TOKEN])
    }
  })

  test('refuses a token that has expired', async () => {
    const claims = route.scope === undefined ? {} : { scope: route.scope }
    const token = await tokenFor('alice', claims, { ttlSeconds: -31 })
    const answer = await refusal(await ask(route, `Bearer ${token}`), token)
    expect(answer).toEqual([401, 'token_expired', BAD_TOKEN])
  })

  test('takes no token from the URL or the body', async () => {
    const token = await rightToken()
    const response = await service.api.request(`${route.path}?access_token=${token}`, {
      method: route.method,
      ...(route.method === 'POST' && { body: { access_token: token } }),
    })
    expect(await refusal(response, token)).toEqual([401, 'missing_token', NO_TOKEN])
  })

  test('refuses the other kind of caller, and each service without the scope', async () => {
    const others =
      route.scope === undefined
        ? SCOPES.map((scope) => tokenFor('alice', { scope }))
        : [
            tokenFor('alice'),
            tokenFor('shop', { scope: `${route.scope}x openid` }),
            ...SCOPES.filter((scope) => scope !== route.scope).map((scope) =>
              tokenFor('shop', { scope }),
            ),
          ]
    for (const token of await Promise.all(others)) {
      const answer = await refusal(await ask(route, `Bearer ${token}`), token)
      expect(answer).toEqual([403, 'insufficient_scope', BAD_SCOPE])
    }
  })
})

test('looks at the token before the body: who may not send learns nothing of what is wrong with it', async () => {
  for (const body of [{}, { to: 5 }, { to: { everyone: true } }]) {
    const response = await service.api.request('/v1/notifications', {
      method: 'POST',
      token: await tokenFor('alice'),
      body,
    })
    expect((await problemOf(response)).code).toBe('insufficient_scope')
  }
})

test('lets a user whose token is bound to a device read the inbox over HTTP', async () => {
  const token = await tokenFor('alice', { device: 'phone' })
  expect((await service.api.request('/v1/inbox', { token })).status).toBe(200)
})
