import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { isAble, run } from './able.js'
import { expectSound, Ledger, readiness, untilReadiness } from './ledger.js'

const TAKEN = /another Posthorn runs over this database\n$/

/** Another name for a database, and what takes it away again. */
interface OtherName {
  name: string
  undo?: () => void
}

const OTHER_NAMES: [string, (folder: string, path: string) => OtherName, RegExp][] = [
  ['a relative path', (_folder, path) => ({ name: relative(process.cwd(), path) }), TAKEN],
  [
    'a symbolic link to the file',
    (folder, path) => {
      const name = join(folder, 'link.db')
      symlinkSync(path, name)
      return { name }
    },
    TAKEN,
  ],
  [
    'a symbolic link to its folder',
    (folder, path) => {
      symlinkSync(join(path, '..'), join(folder, 'link'))
      return { name: join(folder, 'link', 'posthorn.db') }
    },
    TAKEN,
  ],
  [
    'a hard link',
    (folder, path) => {
      const name = join(folder, 'link.db')
      linkSync(path, name)
      return { name, undo: () => rmSync(name) }
    },
    /the file has another name \(a hard link\): start on a file that has one alone\n$/,
  ],
]

const canBind = isAble('mount a folder at another place', () => {
  using folder = temporaryFolder()
  run('mount', '--bind', folder.path, folder.path)
  run('umount', folder.path)
})
if (canBind) {
  OTHER_NAMES.push([
    'a volume that is mounted elsewhere, as in a container',
    (folder, path) => {
      const place = join(folder, 'volume')
      mkdirSync(place)
      run('mount', '--bind', join(path, '..'), place)
      return { name: join(place, 'posthorn.db'), undo: () => run('umount', place) }
    },
    TAKEN,
  ])
}

test.each(OTHER_NAMES)(
  'a second instance that comes by %s is refused, and the first goes on unharmed',
  async (_by, rename, says) => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'data'))
    const path = join(folder.path, 'data', 'posthorn.db')
    const ledger = new Ledger()
    await using first = await ServiceProcess.start(path)
    await ledger.sendAll(first.api, 'alice', 3)
    const { name, undo } = rename(folder.path, path)
    try {
      const environment = { DATABASE_URL: `sqlite:${name}`, PORT: '0' }
      const { code, errors } = await runCommand(['serve'], environment)
      expect(errors).toMatch(says)
      expect(code).toBe(1)
    } finally {
      undo?.()
    }
    await ledger.sendAll(first.api, 'alice', 3)
    await first.kill()
    await using again = await ServiceProcess.start(path)
    await ledger.expectKept(again.api, 'auditor')
    expectSound(path)
  },
)

test('a database that is taken away while the service runs is written to no more, until it is put back', async () => {
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'data'))
  const path = join(folder.path, 'data', 'posthorn.db')
  const ledger = new Ledger()
  await using service = await ServiceProcess.start(path)
  await ledger.sendAll(service.api, 'alice', 3)
  const [there, away] = [join(folder.path, 'data'), join(folder.path, 'away')]
  renameSync(there, away)
  expect(await ledger.send(service.api, 'alice')).toMatchObject({ code: 'store_unavailable' })
  expect(await readiness(service.api)).toBe(
    'The file of the database was moved or replaced: restart the service.',
  )
  renameSync(away, there)
  await untilReadiness(service.api, 'ready')
  await ledger.sendAll(service.api, 'alice', 3)
  await ledger.expectKept(service.api, 'auditor')
})

test('a service whose lock file was deleted writes no more, and leaves the database to the one that came since', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const ledger = new Ledger()
  await using first = await ServiceProcess.start(path)
  await ledger.sendAll(first.api, 'alice', 3)
  rmSync(`${path}-lock`)
  expect(await ledger.send(first.api, 'alice')).toMatchObject({ code: 'store_unavailable' })
  expect(await readiness(first.api)).toBe(
    'The lock file of the database was deleted: restart the service.',
  )
  await using second = await ServiceProcess.start(path)
  await ledger.sendAll(second.api, 'alice', 3)
  first.signal('SIGTERM')
  await first.exited
  // Its end takes no lock away but its own.
  const { errors } = await runCommand(['serve'], { DATABASE_URL: `sqlite:${path}`, PORT: '0' })
  expect(errors).toMatch(TAKEN)
  await ledger.expectKept(second.api, 'auditor')
  await second.kill()
  expectSound(path)
})
