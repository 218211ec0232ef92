import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { startService, temporaryFolder, tokenFor } from '../harness.js'

test('takes tokens by the private half of JWT_PUBLIC_KEY, over REST and sockets, and none signed with its text', async () => {
  using folder = temporaryFolder()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const file = join(folder.path, 'key.pem')
  writeFileSync(file, pem)
  await using service = await startService({
    environment: { JWT_SECRET: '', JWT_PUBLIC_KEY: file, JWT_ISSUER: 'https://issuer.example' },
  })
  const { api } = service
  const sign = (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT({ iss: 'https://issuer.example', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'of the issuer' })
      .setExpirationTime('1h')
      .sign(privateKey)

  await using client = await api.connect('alice', { token: await sign({ sub: 'alice' }) })
  await client.first('caught_up')
  const body = { to: { user: 'alice' }, type: 'test', title: 'signed' }
  const token = await sign({ sub: 'shop', scope: 'openid posthorn:send' })
  expect((await api.post(body, { token })).status).toBe(201)
  await client.received(1)

  // RFC 8725 §2.1: the public key's text as the secret of an HMAC, and the right key by another issuer.
  const forged = await tokenFor('shop', { scope: 'posthorn:send' }, { secret: pem })
  const other = await sign({ sub: 'shop', scope: 'posthorn:send', iss: 'https://other.example' })
  for (const refused of [forged, other]) {
    expect((await api.post(body, { token: refused })).status).toBe(401)
  }
})
