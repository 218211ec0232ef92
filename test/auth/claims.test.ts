import { describe, expect, test } from 'vitest'
import { SCOPES } from '../../src/auth/principal.js'
import { Timestamp } from '../../src/protocol/identifiers.js'
import { NOW, refusal, sign, verifier } from './tokens.js'

const verify = verifier()
const at = (seconds: number) => verifier({ clock: () => seconds * 1_000 })

describe('`exp`', () => {
  test.each([-3_600, -31, -1, 0, 29])('is believed %d s after it', async (after) => {
    const token = await sign({ exp: NOW })
    await expect(at(NOW + after)(token)).resolves.toMatchObject({ expiresAt: NOW * 1_000 })
  })

  test.each([30, 31, 3_600])('is not believed %d s after it', async (after) => {
    const { code } = await refusal(at(NOW + after), sign({ exp: NOW }))
    expect(code).toBe('token_expired')
  })

  test('may not be later than RFC 3339 can tell, since `tokenExpiresAt` does', async () => {
    const endOf9999 = 253_402_300_799
    const { expiresAt } = await verify(await sign({ exp: endOf9999 }))
    expect(Timestamp.safeParse(new Date(expiresAt).toISOString()).success).toBe(true)
    for (const exp of [endOf9999 + 1, 9e12, 1e300]) {
      expect((await refusal(verify, sign({ exp }))).code).toBe('invalid_token')
    }
  })

  test('is required', async () => {
    expect(await refusal(verify, sign({ exp: undefined }))).toMatchObject({
      code: 'invalid_token',
      message: "The token's claim `exp` is missing or not accepted.",
    })
  })
})

describe('`nbf`', () => {
  test.each([-60, 0, 29, 30])('may be %d s ahead', async (ahead) => {
    await expect(verify(await sign({ nbf: NOW + ahead }))).resolves.toBeTruthy()
  })

  test.each([31, 3_600])('may not be %d s ahead', async (ahead) => {
    expect(await refusal(verify, sign({ nbf: NOW + ahead }))).toMatchObject({
      code: 'invalid_token',
      message: "The token's claim `nbf` is missing or not accepted.",
    })
  })
})

describe('`sub`', () => {
  test('is required, of users and of services', async () => {
    for (const scope of [undefined, 'posthorn:send']) {
      const { code, message } = await refusal(verify, sign({ sub: undefined, scope }))
      expect([code, message.includes('`sub`')]).toEqual(['invalid_token', true])
    }
  })

  test.each(['', '\u0000', 'a\nb', 'x'.repeat(256), '\ud800'])('may not be %j', async (sub) => {
    expect((await refusal(verify, sign({ sub }))).code).toBe('invalid_token')
  })

  test('may not be empty for a service either', async () => {
    const { code } = await refusal(verify, sign({ sub: '', scope: 'posthorn:send' }))
    expect(code).toBe('invalid_token')
  })

  test.each(['😀'.repeat(255), '__proto__', 'a/b?c'])('may be %j', async (sub) => {
    await expect(verify(await sign({ sub }))).resolves.toMatchObject({ user: sub })
  })
})

describe('`iss` and `aud`', () => {
  const strict = verifier({ name: 'https://issuer.example', audiences: ['posthorn'] })
  const right = { iss: 'https://issuer.example', aud: 'posthorn' }

  test('are those that are asked for; an audience may be one of several', async () => {
    await expect(strict(await sign(right))).resolves.toMatchObject({ issuer: right.iss })
    const several = await sign({ ...right, aud: ['other', 'posthorn'] })
    await expect(strict(several)).resolves.toMatchObject({ user: 'alice' })
  })

  test.each([
    { ...right, iss: undefined },
    { ...right, iss: 'https://issuer.example/' },
    { ...right, iss: 'HTTPS://ISSUER.EXAMPLE' },
    { ...right, aud: undefined },
    { ...right, aud: 'posthorn2' },
    { ...right, aud: ['other'] },
    { ...right, aud: [] },
  ])('are refused where they differ: %j', async (claims) => {
    expect((await refusal(strict, sign(claims))).code).toBe('invalid_token')
  })

  test('are not looked at where nothing is asked for', async () => {
    const token = await sign({ iss: 'anyone', aud: 'anything' })
    await expect(verify(token)).resolves.toMatchObject({ issuer: 'anyone' })
  })
})

describe('`scope`', () => {
  test.each(SCOPES)('makes a service by %s alone', async (scope) => {
    await expect(verify(await sign({ scope }))).resolves.toMatchObject({
      kind: 'service',
      scopes: new Set([scope]),
    })
  })

  test('keeps our words and passes over those of others', async () => {
    const scope = 'openid  posthorn:send posthorn:everything email posthorn:send'
    await expect(verify(await sign({ scope }))).resolves.toMatchObject({
      kind: 'service',
      scopes: new Set(['posthorn:send']),
    })
  })

  test.each([
    '',
    ' ',
    'openid email',
    'posthorn',
    'posthorn:',
    'posthorn:sendx',
    'xposthorn:send',
    'POSTHORN:SEND',
    'posthorn:send,posthorn:read',
    'posthorn:send\tposthorn:read',
  ])('of others makes a user: %j', async (scope) => {
    await expect(verify(await sign({ scope }))).resolves.toMatchObject({ kind: 'user' })
  })
})

describe('`device`', () => {
  test('binds a user to it', async () => {
    await expect(verify(await sign({ device: 'phone:1' }))).resolves.toMatchObject({
      device: 'phone:1',
    })
  })

  test.each(['', 'a b', 'x'.repeat(129), 5, null, ['phone']])('may not be %j', async (device) => {
    expect((await refusal(verify, sign({ device }))).code).toBe('invalid_token')
  })
})

describe('`topics`', () => {
  test.each([
    [undefined, []],
    [[], []],
    ['', []],
    [
      ['news.*', 'alerts'],
      ['news.*', 'alerts'],
    ],
    ['news.*  alerts ', ['news.*', 'alerts']],
    ['*', ['*']],
    [
      ['a:b/c-d_e.*.f', '*.*', '.', 'a.'],
      ['a:b/c-d_e.*.f', '*.*', '.', 'a.'],
    ],
    [['x'.repeat(128)], ['x'.repeat(128)]],
  ])('of %j are the patterns %j', async (topics, expected) => {
    expect(await verify(await sign({ topics }))).toMatchObject({ kind: 'user', topics: expected })
  })

  test.each([
    5,
    null,
    true,
    {},
    { 0: 'news' },
    [5],
    [['news']],
    [''],
    ['news alerts'],
    'news,alerts',
    'news\talerts',
    'news.**',
    'news.*x',
    'n*ws',
    ['**'],
    ['news.é'],
    ['x'.repeat(129)],
  ])('may not be %j', async (topics) => {
    expect(await refusal(verify, sign({ topics }))).toMatchObject({ code: 'invalid_token' })
  })
})
