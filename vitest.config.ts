import { playwright } from '@vitest/browser-playwright'
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import type { BrowserCommand } from 'vitest/node'
import { BACK_END } from './test/back-ends/database.js'
import {
  backEnds,
  testsOfBackEnds,
  type BackEnd,
  isSqliteAlone,
} from './test/back-ends/projects.js'
import { CHROMIUM_ARGUMENTS, findChromium } from './test/chromium.js'

/** The client's suite, which passes in Node and in a browser alike. */
const CLIENT_SUITE = [
  'test/client/{commands,connection,delivery,items,lookup,more,options,refill,subject,tabs,token,token-shape}.test.ts',
  'test/client/{kill,service}.test.ts',
]

type Backstage = Record<string, (...payload: unknown[]) => unknown>

/** What a page asks of the process that runs the tests: a real service, say, which it can't start itself. */
const backstage: BrowserCommand<unknown[]> = async ({ project }, name, ...payload) => {
  const path = fileURLToPath(new URL('test/client/stage/backstage.ts', import.meta.url))
  const module = await project.import<{ backstage: Backstage }>(path)
  return module.backstage[String(name)]?.(...payload)
}

/** Where a page has another way to do things than Node. */
const here = fileURLToPath(new URL('test/client/stage/here-in-page.ts', import.meta.url))

const node: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'node',
    include: ['test/**/*.test.ts'],
    ...(isSqliteAlone() && { exclude: ['test/chaos/**'] }),
    globalSetup: ['test/build.ts', 'test/servers.ts'],
    setupFiles: ['test/leaks.ts'],
  },
}

/** The tests of a service once more, over PostgreSQL, or over PostgreSQL with Redis. */
const overBackEnd = (name: BackEnd): TestProjectConfiguration => ({
  extends: true,
  test: {
    name,
    include: testsOfBackEnds(),
    globalSetup: ['test/build.ts', 'test/servers.ts'],
    setupFiles: ['test/leaks.ts', 'test/back-ends/drop.ts'],
    env: { [BACK_END]: name },
  },
})

const chromium = (executablePath: string): TestProjectConfiguration => ({
  extends: true,
  test: {
    name: 'chromium',
    include: CLIENT_SUITE,
    globalSetup: ['test/build.ts'],
    alias: [{ find: /^.*\/here\.js$/, replacement: here }],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_ARGUMENTS } }),
      commands: { backstage },
      instances: [{ browser: 'chromium' }],
    },
  },
})

const executablePath = findChromium()

export default defineConfig({
  test: {
    // Real sockets, real files and real processes: a slow machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './test/back-ends/left-out.ts'],
    projects: [
      node,
      ...(executablePath === undefined ? [] : [chromium(executablePath)]),
      ...backEnds().map(overBackEnd),
    ],
  },
})
