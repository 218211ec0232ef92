import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { CHROMIUM_ARGUMENTS, findChromium } from './test/chromium.js'

/** The client's suite, which passes in Node and in a browser alike. */
const CLIENT_SUITE = [
  'test/client/{commands,connection,delivery,items,lookup,more,subject,token}.test.ts',
]

const node: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'node',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/leaks.ts'],
  },
}

const chromium = (executablePath: string): TestProjectConfiguration => ({
  extends: true,
  test: {
    name: 'chromium',
    include: CLIENT_SUITE,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_ARGUMENTS } }),
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
    projects: executablePath === undefined ? [node] : [node, chromium(executablePath)],
  },
})
