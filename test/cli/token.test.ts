import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { secretKeys } from '../../src/auth/keys.js'
import { createVerifier } from '../../src/auth/verify.js'
import { CommandError } from '../../src/cli/command.js'
import { parseDuration } from '../../src/cli/mint.js'
import { tokenCommand } from '../../src/cli/token.js'
import { SECRET, temporaryFolder } from '../harness.js'
import { issuer } from '../issuer.js'
import { runCommand } from '../process.js'
import { nothingRevoked } from '../nothing-revoked.js'

const verify = createVerifier({
  issuers: [issuer(secretKeys(SECRET))],
  clock: Date.now,
  revocations: nothingRevoked,
})

/** The token that a command prints, and nothing else. */
async function minted(words: string[], environment: Record<string, string> = {}): Promise<string> {
  const { code, output, errors } = await runCommand(['token', ...words], environment)
  expect([code, errors]).toEqual([0, ''])
  expect(output).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  return output.trim()
}

describe('prints a token alone', () => {
  test('of a user, for an hour', async () => {
    const token = await minted(['--user', 'alice'])
    expect(await verify(token)).toMatchObject({ kind: 'user', user: 'alice', device: undefined })
    const { iat = 0, exp = 0 } = decodeJwt(token)
    expect(exp - iat).toBe(3_600)
  })

  test('of a user bound to a device and topics', async () => {
    const token = await minted(['--user', 'alice', '--device', 'phone', '--topics', 'news.*, x'])
    expect(await verify(token)).toMatchObject({
      user: 'alice',
      device: 'phone',
      topics: ['news.*', 'x'],
    })
  })

  test('of a service with its scopes, for as long as is asked for', async () => {
    const words = ['--service', 'shop', '--scope', 'posthorn:send  posthorn:read', '--ttl', '15m']
    const token = await minted(words)
    expect(await verify(token)).toMatchObject({
      kind: 'service',
      subject: 'shop',
      scopes: new Set(['posthorn:send', 'posthorn:read']),
    })
    const { iat = 0, exp = 0 } = decodeJwt(token)
    expect(exp - iat).toBe(900)
  })

  test('with the issuer and audience that the service asks for', async () => {
    const token = await minted(['--user', 'alice'], { JWT_ISSUER: 'me', JWT_AUDIENCE: 'posthorn' })
    expect(decodeJwt(token)).toMatchObject({ iss: 'me', aud: 'posthorn' })
  })

  test('by the secret in the data folder, in development', async () => {
    using folder = temporaryFolder()
    const environment = { JWT_SECRET: '', DATABASE_URL: `sqlite:${folder.path}/data/posthorn.db` }
    const [one, two] = [
      await minted(['--user', 'alice'], environment),
      await minted(['--user', 'alice'], environment),
    ]
    expect(one.split('.')[0]).toBe(two.split('.')[0])
    await expect(verify(one)).rejects.toMatchObject({ code: 'invalid_token' })
  })
})

/** What a call is refused with; fails where it prints anything. */
async function complaint(words: string[]): Promise<string> {
  const print = vi.spyOn(console, 'log')
  const refusal: unknown = await tokenCommand.run(words).catch((error: unknown) => error)
  expect(print).not.toHaveBeenCalled()
  print.mockRestore()
  if (refusal instanceof CommandError) return refusal.message
  throw new Error('it was not refused', { cause: refusal })
}

describe('refuses', () => {
  test.each([
    [[]],
    [['--user', 'alice', '--service', 'shop']],
    [['--user']],
    [['--unknown']],
    [['alice']],
    [['--user', 'alice', 'more']],
  ])('the call %j, and says how it is called', async (words) => {
    expect(await complaint(words)).toContain('usage: posthorn token --user ID')
  })

  test.each([
    ['--user', ['--user', '']],
    ['--user', ['--user', 'a\nb']],
    ['--scope', ['--user', 'alice', '--scope', 'posthorn:send']],
    ['--device', ['--user', 'alice', '--device', 'a b']],
    ['--scope', ['--service', 'shop']],
    ['--scope', ['--service', 'shop', '--scope', '']],
    ['--scope', ['--service', 'shop', '--scope', 'send']],
    ['--scope', ['--service', 'shop', '--scope', 'posthorn:send posthorn:sned']],
    ['--device', ['--service', 'shop', '--scope', 'posthorn:send', '--device', 'phone']],
    ['--topics', ['--user', 'alice', '--topics', 'news.**']],
    ['--topics', ['--service', 'shop', '--scope', 'posthorn:send', '--topics', 'x']],
    ['--ttl', ['--user', 'alice', '--ttl', '1']],
    ['--ttl', ['--user', 'alice', '--ttl', '0h']],
    ['--ttl', ['--user', 'alice', '--ttl', 'forever']],
  ])('a wrong %s by its name: %j', async (option, words) => {
    expect(await complaint(words)).toContain(option)
  })
})

describe('exits 1, says what is wrong, and prints no token', () => {
  test('where it is called wrong', async () => {
    const { code, output, errors } = await runCommand(['token', '--unknown'])
    expect([code, output]).toEqual([1, ''])
    expect(errors).toMatch(/^posthorn: .*\nusage: posthorn token --user ID.*\n$/)
  })

  test('where the service would have no name, and its token be refused', async () => {
    const words = ['token', '--service', '', '--scope', 'posthorn:send']
    const { code, output, errors } = await runCommand(words)
    expect([code, output]).toEqual([1, ''])
    expect(errors).toMatch(/^posthorn: .*--service/)
  })

  test('where the service has a public key: only its owner signs', async () => {
    const environment = { JWT_SECRET: '', JWT_PUBLIC_KEY: 'key.pem' }
    const { code, output, errors } = await runCommand(['token', '--user', 'alice'], environment)
    expect([code, output]).toEqual([1, ''])
    expect(errors).toMatch(/^posthorn: JWT_PUBLIC_KEY.*private key.*\n$/)
  })

  test('where no issuer whose secret is known may speak for the user', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'auth.json')
    const issuers = [
      { issuer: 'login', jwksUrl: 'https://login.example/keys', userPrefix: 'login:' },
      { issuer: 'partner', secret: SECRET, userPrefix: 'partner:' },
      { issuer: 'back-end', secret: SECRET },
    ]
    writeFileSync(file, JSON.stringify({ issuers }))
    const environment = { JWT_SECRET: '', AUTH_CONFIG: file }
    // The last issuer has no prefix, and may still not name the users of the others.
    for (const user of ['login:alice', 'partner:']) {
      const { code, output, errors } = await runCommand(['token', '--user', user], environment)
      expect([code, output]).toEqual([1, ''])
      expect(errors).toBe(
        'posthorn: no issuer whose secret is known here may speak for this user\n',
      )
    }
    const issued = async (words: string[]) => {
      const { output } = await runCommand(['token', ...words], environment)
      const { iss, sub } = decodeJwt(output.trim())
      return [iss, sub]
    }
    expect(await issued(['--user', 'partner:bob'])).toEqual(['partner', 'bob'])
    expect(await issued(['--user', 'bob'])).toEqual(['back-end', 'bob'])
    const service = ['--service', 'shop', '--scope', 'posthorn:send']
    expect(await issued(service)).toEqual(['partner', 'shop'])
  })

  test('where the settings are wrong, in a line for each', async () => {
    const environment = { PORT: 'x', LOG_LEVEL: 'x' }
    const { code, errors } = await runCommand(['token', '--user', 'alice'], environment)
    expect(code).toBe(1)
    expect(errors.trim().split('\n')).toHaveLength(2)
  })
})

test.each([
  ['1s', 1],
  ['90s', 90],
  ['15m', 900],
  ['1h', 3_600],
  ['7d', 604_800],
])('reads the duration %s', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.each(['', '1', 's', '0s', '-1s', '1.5h', '1 h', '1H', '1w', '01h', '99999999d'])(
  'reads no duration from %j',
  (text) => {
    expect(() => parseDuration(text)).toThrow(/--ttl/)
  },
)
