import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/leaks.ts'],
    // Real sockets, real files and real processes: a slow machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
