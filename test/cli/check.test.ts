import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IdentityProvider } from '../auth/identity-provider.js'
import { PAIRS, pem } from '../auth/tokens.js'
import { temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { rawConnection } from '../store/sqlite/files.js'

test('`check` finds settings, keys and database good, also while the service runs', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const environment = { DATABASE_URL: `sqlite:${path}` }
  expect(await runCommand(['check'], environment)).toEqual({
    code: 0,
    output: `settings: good\nkeys: JWT_SECRET\ndatabase: ${path}: is not there yet and will be made\n`,
    errors: '',
  })
  await using service = await ServiceProcess.start(path)
  await service.api.send('alice', 'one')
  expect(await runCommand(['check'], environment)).toEqual({
    code: 0,
    output: `settings: good\nkeys: JWT_SECRET\ndatabase: ${path}: sound, users: 1, notifications: 1\n`,
    errors: '',
  })
  await service.api.send('alice', 'two')
})

test('`check` makes nothing, no secret of development either', async () => {
  using folder = temporaryFolder()
  const data = join(folder.path, 'data')
  const environment = { JWT_SECRET: '', DATABASE_URL: `sqlite:${join(data, 'posthorn.db')}` }
  const { code, output } = await runCommand(['check'], environment)
  expect([code, output.split('\n')[1]]).toEqual([
    0,
    'keys: in development: development.secret is not there yet and will be made',
  ])
  expect(existsSync(data)).toBe(false)
})

test('`check` fetches published keys and says how many are of use, or why none could be had', async () => {
  using folder = temporaryFolder()
  await using provider = await IdentityProvider.start()
  provider.publish('first', 'second')
  const file = join(folder.path, 'auth.json')
  writeFileSync(join(folder.path, 'partner.pem'), pem(PAIRS.EdDSA.publicKey))
  const issuers = [
    { issuer: 'login', jwksUrl: provider.url },
    { issuer: 'partner', publicKey: 'partner.pem' },
  ]
  writeFileSync(file, JSON.stringify({ issuers }))
  const environment = {
    JWT_SECRET: '',
    AUTH_CONFIG: file,
    DATABASE_URL: `sqlite:${join(folder.path, 'posthorn.db')}`,
  }
  const well = await runCommand(['check'], environment)
  expect([well.code, well.output.split('\n').slice(0, 3)]).toEqual([
    0,
    ['settings: good', 'keys: AUTH_CONFIG: login: 2 of use', 'keys: AUTH_CONFIG: partner'],
  ])
  provider.mood = 'faulty'
  const faulty = await runCommand(['check'], environment)
  expect([faulty.code, faulty.errors]).toEqual([
    1,
    "posthorn: keys: AUTH_CONFIG: login: can't be fetched: the answer was 500, not 200\n",
  ])
  expect(faulty.output).toContain('keys: AUTH_CONFIG: partner\n')
})

test('`check` exits 1 with a line for each thing that is wrong', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const wrong = await runCommand(['check'], { PORT: 'x', LOG_LEVEL: 'loud' })
  expect([wrong.code, wrong.output, wrong.errors.split('\n').length]).toEqual([1, '', 3])

  const key = join(folder.path, 'key.pem')
  writeFileSync(key, 'no key')
  {
    await using service = await ServiceProcess.start(path)
    await service.api.send('alice', 'one')
    service.signal('SIGTERM')
    await service.exited
  }
  using raw = rawConnection(path)
  raw.connection.exec('UPDATE users SET unread = 7')
  const both = await runCommand(['check'], {
    JWT_SECRET: '',
    JWT_PUBLIC_KEY: key,
    DATABASE_URL: `sqlite:${path}`,
  })
  expect([both.code, both.output]).toEqual([1, 'settings: good\n'])
  expect(both.errors).toBe(
    `posthorn: keys: JWT_PUBLIC_KEY: ${key}: is neither a PEM nor a JWK nor a JWKS of public keys\n` +
      `posthorn: database: ${path}: the user "alice" has counts that are not those of the inbox\n`,
  )
})

test('`check` leaves nothing behind in the folder of a database that is not in use', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  {
    await using service = await ServiceProcess.start(path)
    service.signal('SIGTERM')
    await service.exited
  }
  expect((await runCommand(['check'], { DATABASE_URL: `sqlite:${path}` })).code).toBe(0)
  expect(readdirSync(folder.path)).toEqual(['posthorn.db'])
})

test('`check` finds fault where a service could not start', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'a-file')
  writeFileSync(file, 'x'.repeat(40))
  const secret = join(folder.path, 'development.secret')
  const dangling = join(folder.path, 'dangling.db')
  symlinkSync(join(folder.path, 'nowhere', 'posthorn.db'), dangling)
  for (const path of [join(file, 'posthorn.db'), dangling, folder.path]) {
    const { code, errors } = await runCommand(['check'], { DATABASE_URL: `sqlite:${path}` })
    expect([code, errors.split(': ').slice(0, 3)]).toEqual([1, ['posthorn', 'database', path]])
  }
  writeFileSync(secret, 'short')
  const { code, errors } = await runCommand(['check'], {
    JWT_SECRET: '',
    DATABASE_URL: `sqlite:${join(folder.path, 'posthorn.db')}`,
  })
  expect([code, errors]).toEqual([
    1,
    'posthorn: keys: development.secret: a secret has at least 32 bytes\n',
  ])
})

test('`check` takes in nothing of what a crash has left', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  {
    await using service = await ServiceProcess.start(path)
    await service.api.sendMany('alice', 20)
    await service.kill()
  }
  const before = [path, `${path}-wal`].map((name) => readFileSync(name))
  const { code, output } = await runCommand(['check'], { DATABASE_URL: `sqlite:${path}` })
  expect([code, output.split('\n').at(-2)]).toEqual([
    0,
    `database: ${path}: sound, users: 1, notifications: 20`,
  ])
  expect([path, `${path}-wal`].map((name) => readFileSync(name))).toEqual(before)
})
