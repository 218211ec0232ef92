import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IdentityProvider } from '../auth/identity-provider.js'
import { PAIRS, pem, sign } from '../auth/tokens.js'
import { shortOf } from '../http/problem-of.js'
import { SECRET, startService, temporaryFolder, tokenFor } from '../harness.js'
import { runCommand } from '../process.js'

test('believes several issuers at once, each for whom it may speak, in its own namespace', async () => {
  using folder = temporaryFolder()
  await using provider = await IdentityProvider.start()
  provider.publish('key')
  writeFileSync(join(folder.path, 'partner.pem'), pem(PAIRS.ES256.publicKey))
  const file = join(folder.path, 'auth.json')
  const issuers = [
    { issuer: 'login', jwksUrl: provider.url, grants: ['user'], userPrefix: 'login:' },
    { issuer: 'partner', publicKey: 'partner.pem', audience: 'posthorn', grants: ['user'] },
    { issuer: 'back-end', secret: SECRET, grants: ['service'] },
  ]
  writeFileSync(file, JSON.stringify({ issuers }))
  const environment = { JWT_SECRET: '', AUTH_CONFIG: file }
  await using service = await startService({ environment })
  const { api } = service

  const exp = Math.floor(Date.now() / 1000) + 600
  const login = await provider.sign('key', { iss: 'login' })
  const partner = await sign(
    { iss: 'partner', aud: 'posthorn', exp },
    { algorithm: 'ES256', key: PAIRS.ES256.privateKey },
  )
  const shop = await tokenFor('shop', { iss: 'back-end', scope: 'posthorn:send posthorn:read' })

  await using mine = await api.connect('', { token: login })
  await using theirs = await api.connect('', { token: partner })
  expect((await mine.first('welcome')).payload.user).toBe('login:alice')
  expect((await theirs.first('welcome')).payload.user).toBe('alice')
  await Promise.all([mine.first('caught_up'), theirs.first('caught_up')])
  const body = { to: { user: 'login:alice' }, type: 'test', title: 'mine' }
  expect((await api.post(body, { token: shop })).status).toBe(201)
  await mine.received(1)
  expect(theirs.titles).toEqual([])

  // The key is right, and the issuer may not speak for such a caller.
  const overreach = await provider.sign('key', { iss: 'login', scope: 'posthorn:send' })
  expect(await shortOf(await api.post(body, { token: overreach }))).toBe('403 insufficient_scope')
  const user = await tokenFor('alice', { iss: 'back-end' })
  expect(await shortOf(await api.request('/v1/inbox', { token: user }))).toBe(
    '403 insufficient_scope',
  )
  await using refused = await api.connect('', { token: user, credential: 'subprotocol' })
  expect(await refused.closed).toEqual({ code: 4403, reason: 'insufficient_scope' })
  // A key of one issuer in the name of another.
  const crossed = await provider.sign('key', { iss: 'partner', aud: 'posthorn' })
  expect(await shortOf(await api.request('/v1/inbox', { token: crossed }))).toBe(
    '401 invalid_token',
  )

  // A fresh token by another issuer is one of someone else.
  mine.send({ type: 'authenticate', payload: { token: partner } })
  expect(await mine.closed).toEqual({ code: 4403, reason: 'principal_changed' })

  // The command signs with the secret of the issuer that may speak for a service, and with none for a user.
  const { output } = await runCommand(
    ['token', '--service', 'shop', '--scope', 'posthorn:read'],
    environment,
  )
  const minted = await api.request('/v1/inbox', { token: output.trim() })
  expect(await shortOf(minted)).toBe('403 insufficient_scope')
  expect(await runCommand(['token', '--user', 'alice'], environment)).toEqual({
    code: 1,
    output: '',
    errors: 'posthorn: no token may speak for a user here\n',
  })
})

test('with JWT_GRANTS the one issuer speaks for users alone, or for services alone', async () => {
  for (const [grant, statuses] of [
    ['user', [200, 403]],
    ['service', [403, 404]],
  ] as const) {
    await using service = await startService({ environment: { JWT_GRANTS: grant } })
    const { api } = service
    const user = await tokenFor('alice')
    const shop = await tokenFor('shop', { scope: 'posthorn:read' })
    const inbox = await api.request('/v1/inbox', { token: user })
    const unknown = await api.request('/v1/notifications/none', { token: shop })
    expect([inbox.status, unknown.status]).toEqual(statuses)
    await Promise.all([inbox.text(), unknown.text()])
  }
})
