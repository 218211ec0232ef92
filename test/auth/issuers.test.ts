import { describe, expect, test } from 'vitest'
import { GRANTS } from '../../src/auth/issuers.js'
import { publicKeys, secretKeys } from '../../src/auth/keys.js'
import { createVerifier } from '../../src/auth/verify.js'
import { SECRET } from '../harness.js'
import { issuer } from '../issuer.js'
import { NOW, PAIRS, pem, refusal, sign, unsigned, verifier } from './tokens.js'
import { nothingRevoked } from '../nothing-revoked.js'

const OTHER_SECRET = 'another secret that only its issuer knows'

/** Three issuers: one with a secret and a prefix, one with a public key, one for services alone. */
const verify = createVerifier({
  clock: () => NOW * 1_000,
  revocations: nothingRevoked,
  issuers: [
    issuer(secretKeys(SECRET), { name: 'login', userPrefix: 'login:', grants: new Set(['user']) }),
    issuer(publicKeys(pem(PAIRS.ES256.publicKey)), { name: 'partner', audiences: ['a', 'b'] }),
    issuer(secretKeys(OTHER_SECRET), { name: 'shop', grants: new Set(['service']) }),
  ],
})

const byPartner = { algorithm: 'ES256', key: PAIRS.ES256.privateKey }
const partnerUser = (sub: string) => sign({ iss: 'partner', aud: 'a', sub }, byPartner)
const byShop = { key: Buffer.from(OTHER_SECRET) }

describe('of several issuers', () => {
  test('each is known by `iss`, and its tokens are held to its own keys', async () => {
    await expect(verify(await sign({ iss: 'login' }))).resolves.toMatchObject({
      user: 'login:alice',
      issuer: 'login',
    })
    const partner = { iss: 'partner', aud: 'b' }
    await expect(verify(await sign(partner, byPartner))).resolves.toMatchObject({ user: 'alice' })
    const crossed = [
      sign(partner),
      sign({ iss: 'login' }, byPartner),
      sign({ iss: 'login' }, byShop),
      sign({ iss: 'shop', scope: 'posthorn:send' }),
    ]
    for (const token of crossed) expect((await refusal(verify, token)).code).toBe('invalid_token')
  })

  test('none signs for a name that is not its own, or for none', async () => {
    const names = [undefined, '', 'nobody', 'LOGIN', 'login ', 5, ['login'], null, { is: 'login' }]
    for (const iss of names) {
      expect((await refusal(verify, sign({ iss }))).code).toBe('invalid_token')
    }
    for (const token of ['', '..', 'a.b.c', unsigned({ alg: 'none' }, { iss: 'login' })]) {
      expect((await refusal(verify, token)).code).toBe('invalid_token')
    }
  })

  test('each has its own audiences, of which one must be named', async () => {
    for (const aud of ['a', 'b', ['x', 'a']]) {
      await expect(verify(await sign({ iss: 'partner', aud }, byPartner))).resolves.toBeTruthy()
    }
    for (const aud of [undefined, 'c', [], 'A']) {
      const token = sign({ iss: 'partner', aud }, byPartner)
      expect((await refusal(verify, token)).code).toBe('invalid_token')
    }
  })
})

describe('a grant', () => {
  test('is needed to speak for a user, and for a service', async () => {
    const service = await sign({ iss: 'login', scope: 'posthorn:send' })
    expect(await refusal(verify, service)).toMatchObject({
      code: 'insufficient_scope',
      message: 'The issuer may not speak for a service here.',
    })
    expect(await refusal(verify, sign({ iss: 'shop' }, byShop))).toMatchObject({
      code: 'insufficient_scope',
      message: 'The issuer may not speak for a user here.',
    })
    const allowed = await sign({ iss: 'shop', scope: 'posthorn:send' }, byShop)
    await expect(verify(allowed)).resolves.toMatchObject({ kind: 'service', issuer: 'shop' })
  })

  test.each(GRANTS)('holds for a single issuer too: %s alone', async (grant) => {
    const tokens = { user: await sign(), service: await sign({ scope: 'posthorn:read' }) }
    const granted = verifier({ grants: new Set([grant]) })
    const other = grant === 'user' ? 'service' : 'user'
    await expect(granted(tokens[grant])).resolves.toMatchObject({ kind: grant })
    expect((await refusal(granted, tokens[other])).code).toBe('insufficient_scope')
  })
})

describe('a prefix of users', () => {
  test('stands before `sub`, and not before the name of a service', async () => {
    const prefixed = verifier({ userPrefix: 'login:' })
    await expect(prefixed(await sign())).resolves.toMatchObject({ user: 'login:alice' })
    const service = await sign({ scope: 'posthorn:send' })
    await expect(prefixed(service)).resolves.toMatchObject({ subject: 'alice' })
  })

  test('is no name by itself, and counts towards the length of one', async () => {
    const prefixed = verifier({ userPrefix: 'p:' })
    await expect(prefixed(await sign({ sub: 'x'.repeat(253) }))).resolves.toBeTruthy()
    for (const sub of ['', 'x'.repeat(254), 'a\nb']) {
      expect((await refusal(prefixed, sign({ sub }))).code).toBe('invalid_token')
    }
  })

  test('keeps its namespace from the issuers that have none', async () => {
    expect(await refusal(verify, partnerUser('login:alice'))).toMatchObject({
      code: 'invalid_token',
      message: 'The claim `sub` lies in the namespace of another issuer.',
    })
    await expect(verify(await partnerUser('logins'))).resolves.toMatchObject({ user: 'logins' })
  })
})
