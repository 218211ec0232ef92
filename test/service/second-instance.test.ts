import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'

test('refuses to start over a database that another service runs over, which goes on', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await using first = await ServiceProcess.start(path)
  const environment = { DATABASE_URL: `sqlite:${path}`, PORT: '0' }
  const { code, errors } = await runCommand(['serve'], environment)
  expect(code).toBe(1)
  expect(errors).toBe(
    `posthorn: the service can't start: ${path}: another Posthorn runs over this database\n`,
  )
  expect(await first.api.send('alice', 'still here')).toMatchObject({ seq: 1 })
  // Looking is not running.
  expect((await runCommand(['check'], environment)).code).toBe(0)
})

test('starts after one that was killed, and leaves nothing of the lock when it stops', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await using first = await ServiceProcess.start(path)
  await first.kill()
  expect(existsSync(`${path}-lock`)).toBe(true)
  await using second = await ServiceProcess.start(path)
  second.signal('SIGTERM')
  expect(await second.exited).toEqual({ code: 0, signal: null })
  expect(existsSync(`${path}-lock`)).toBe(false)
})

test('of many that start at once, one runs', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const started = await Promise.allSettled([1, 2, 3].map(() => ServiceProcess.start(path)))
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  for (const service of running) await service.kill()
  expect(running).toHaveLength(1)
  expect(refused.map((reason) => reason.includes('another Posthorn runs'))).toEqual([true, true])
})
