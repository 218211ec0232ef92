import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { drawSeed } from '../random.js'
import { Cluster } from './cluster.js'
import { Load } from './load.js'
import { violations } from './oracle.js'

// What the tests of a cluster are made of, tried over a database that needs no server.

const seed = drawSeed()

test(`one node on SQLite that is killed and started again loses nothing, seed ${seed}`, async () => {
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  await using cluster = await Cluster.start([{ name: 'node-1', databasePath }])
  await using load = await Load.begin({ url: cluster.url, seed, users: 5 })
  await load.more(100)
  await cluster.kill('node-1')
  await cluster.start('node-1')
  await load.more(100)
  expect(await load.level()).toBeLessThan(10_000)
  const history = await load.end()
  expect(violations(history)).toEqual([])
  expect(history.connections.length).toBeGreaterThan(10)
  expect(history.read.size).toBeGreaterThan(10)
}, 60_000)
