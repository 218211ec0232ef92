import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readAuthFile } from '../../src/auth/auth-file.js'
import { SECRET, temporaryFolder } from '../harness.js'

const folder = temporaryFolder()
const FILE = join(folder.path, 'auth.json')
afterAll(() => folder[Symbol.dispose]())

function read(text: string): ReturnType<typeof readAuthFile> {
  writeFileSync(FILE, text)
  return readAuthFile(FILE)
}

/** What is complained of, without the file's name, which stands before each. */
function complaints(issuers: unknown): string[] {
  const found = read(JSON.stringify({ issuers }))
  if (!('complaints' in found)) throw new Error('the file was taken')
  expect(found.complaints.filter((line) => !line.startsWith(`${FILE}: `))).toEqual([])
  return found.complaints.map((line) => line.slice(FILE.length + 2))
}

test('reads several issuers, each with its keys, audience, grants and prefix', () => {
  const issuers = [
    {
      issuer: 'https://login.example',
      jwksUrl: 'https://login.example/keys',
      audience: ['posthorn', 'notify'],
      grants: ['user'],
      userPrefix: 'login:',
    },
    { issuer: 'back-end', secret: SECRET, audience: 'posthorn', grants: ['service'] },
    { issuer: 'partner', publicKey: 'keys/partner.pem' },
  ]
  expect(read(JSON.stringify({ issuers }))).toEqual({
    issuers: [
      {
        name: 'https://login.example',
        audiences: ['posthorn', 'notify'],
        keys: { kind: 'jwks', url: 'https://login.example/keys' },
        grants: new Set(['user']),
        userPrefix: 'login:',
        setting: 'AUTH_CONFIG: https://login.example',
      },
      {
        name: 'back-end',
        audiences: ['posthorn'],
        keys: { kind: 'secret', secret: SECRET },
        grants: new Set(['service']),
        userPrefix: '',
        setting: 'AUTH_CONFIG: back-end',
      },
      {
        name: 'partner',
        audiences: [],
        // From where the file lies, not from where the service was started.
        keys: { kind: 'public-key', file: join(folder.path, 'keys/partner.pem') },
        grants: new Set(['user', 'service']),
        userPrefix: '',
        setting: 'AUTH_CONFIG: partner',
      },
    ],
  })
})

describe('complains', () => {
  test('of a file that is not there, or is no JSON, without showing what stands in it', () => {
    expect(readAuthFile('/nowhere/auth.json')).toEqual({
      complaints: ["/nowhere/auth.json: can't be read: ENOENT"],
    })
    const secret = 'hunter2'
    expect(read(`{"issuers":[{"secret":"${secret}"}`)).toEqual({
      complaints: [`${FILE}: is not JSON`],
    })
  })

  test.each([
    [[], '/issuers: must name an issuer'],
    [[{}], '/issuers/0/issuer: this field is required'],
    [[{ issuer: 'a', secret: SECRET, realm: 'x' }], '/issuers/0/realm: there is no such field'],
    [[{ issuer: 'a', secret: 'short' }], '/issuers/0/secret: must have at least 32 bytes'],
    [[{ issuer: 'a' }], '/issuers/0: give one of secret, publicKey and jwksUrl'],
    [
      [{ issuer: 'a', secret: SECRET, publicKey: 'x.pem' }],
      '/issuers/0: give one of secret, publicKey and jwksUrl',
    ],
    [
      [{ issuer: 'a', jwksUrl: 'https://user:hunter2@x.example' }],
      '/issuers/0/jwksUrl: must be an http(s) URL without a password',
    ],
    [
      [{ issuer: 'a', secret: SECRET, grants: [] }],
      '/issuers/0/grants: must name user, service or both',
    ],
    [
      [{ issuer: 'a', secret: SECRET, userPrefix: 'a\n' }],
      '/issuers/0/userPrefix: must be text of at most 200 characters',
    ],
  ])('of %j', (issuers, line) => {
    const lines = complaints(issuers)
    expect(lines).toEqual([line])
    expect(lines.join('\n')).not.toMatch(/hunter2|short/)
  })

  test('of an issuer that is named twice', () => {
    const issuer = { issuer: 'a', secret: SECRET }
    expect(complaints([issuer, { ...issuer, userPrefix: 'x' }])).toEqual(['a is named twice'])
  })

  test('of prefixes that begin alike: their namespaces would not be apart', () => {
    const [a, b] = ['a', 'b'].map((issuer) => ({ issuer, secret: SECRET }))
    for (const [one, other] of [
      ['team:', 'team:sub:'],
      ['team:sub:', 'team:'],
    ]) {
      expect(
        complaints([
          { ...a, userPrefix: one },
          { ...b, userPrefix: other },
        ]),
      ).toEqual(['the userPrefix of b and another begin alike'])
    }
    // The same prefix, or none, is a namespace that they mean to share.
    const shared = {
      issuers: [a, { ...b, userPrefix: 'b:' }, { ...b, issuer: 'c', userPrefix: 'b:' }],
    }
    expect(read(JSON.stringify(shared))).toHaveProperty('issuers')
  })
})

test('tells of everything that is wrong at once', () => {
  expect(
    complaints([{ secret: 'x' }, { issuer: 'b', secret: SECRET, grants: 'user' }]),
  ).toHaveLength(3)
})
