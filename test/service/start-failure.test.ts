import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.js'
import { start } from '../../src/service.js'
import { createLog } from '../../src/telemetry/log.js'
import { SECRET, temporaryFolder } from '../harness.js'

vi.mock('../../src/http/app.js', () => ({
  createApp: () => {
    throw new Error('no routes today')
  },
}))

// What is left open fails the file: see `leaks.ts`.
test('a start that fails half-way leaves no timer, thread or file open', async () => {
  using folder = temporaryFolder()
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder.path, 'posthorn.db')}`,
    JWT_SECRET: SECRET,
  })
  const log = createLog({ level: 'silent', readable: false })
  await expect(start(config, { log })).rejects.toThrow('no routes today')
})
