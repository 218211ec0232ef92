import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { temporaryFolder } from './harness.js'

const CONFIG = fileURLToPath(new URL('../.oxlintrc.json', import.meta.url))
const OXLINT = fileURLToPath(new URL('../node_modules/.bin/oxlint', import.meta.url))

/** Where a file stands, what it imports, and whether the rooms allow that. */
type Case = [file: string, imports: string, verdict: 'allowed' | 'refused']

const allowed = (file: string, imports: string[]): Case[] =>
  imports.map((name) => [file, name, 'allowed'])
const refused = (file: string, imports: string[]): Case[] =>
  imports.map((name) => [file, name, 'refused'])

const TOP = [
  '../service.js',
  '../backend.js',
  '../check.js',
  '../backup.js',
  '../config.js',
  '../main.js',
]
/** A module of each of these rooms, as a file one level deep names it. */
const rooms = (...names: string[]): string[] => names.map((name) => `../${name}/module.js`)

/** The rooms of the service itself, which know nothing of its clients. */
const ROOMS = ['protocol', 'telemetry', 'auth', 'inbox', 'store', 'http', 'socket']

const CASES: Case[] = [
  ...allowed('protocol/file.ts', ['zod/mini', './module.js', './down/index.js']),
  ...allowed('protocol/down/file.ts', ['../identifiers.js', 'zod/mini']),
  ...refused('protocol/file.ts', rooms('auth', 'inbox', 'store', 'http', 'socket', 'client')),
  ...refused('protocol/file.ts', [...rooms('console', 'telemetry', 'cli'), ...TOP]),
  ...refused('protocol/file.ts', ['zod', 'zod/v4', 'node:fs', 'hono', 'ws', '@hono/node-server']),
  ...refused('protocol/down/file.ts', ['../../inbox/store.js', '../../config.js']),

  ...allowed('telemetry/file.ts', ['pino', 'prom-client', '@opentelemetry/api', './module.js']),
  ...refused('telemetry/file.ts', rooms('protocol', 'auth', 'inbox', 'store', 'http', 'socket')),
  ...refused('telemetry/file.ts', [...rooms('client', 'console', 'cli'), ...TOP]),

  ...['protocol', 'auth', 'inbox', 'store', 'http', 'socket', 'client', 'cli'].flatMap((room) =>
    refused(`${room}/file.ts`, ['@opentelemetry/api']),
  ),

  ...allowed('auth/file.ts', ['jose', ...rooms('protocol')]),
  ...refused('auth/file.ts', rooms('inbox', 'store', 'http', 'socket', 'client', 'console')),
  ...refused('auth/file.ts', [...rooms('telemetry', 'cli'), ...TOP]),

  ...allowed('inbox/file.ts', ['uuid', ...rooms('protocol')]),
  ...refused('inbox/file.ts', rooms('auth', 'store', 'http', 'socket', 'client', 'console')),
  ...refused('inbox/file.ts', [...rooms('telemetry', 'cli'), ...TOP]),

  ...allowed('store/file.ts', ['better-sqlite3', '../inbox/store.js', ...rooms('protocol')]),
  ...allowed('store/sqlite/file.ts', ['../../inbox/store.js', '../../inbox/start.js']),
  ...refused('store/file.ts', rooms('auth', 'http', 'socket', 'client', 'console', 'telemetry')),
  ...refused('store/file.ts', [...rooms('cli'), '../inbox/send.js', '../inbox/wake.js', ...TOP]),
  ...refused('store/sqlite/file.ts', ['../../inbox/changes.js', '../../http/app.js']),

  ...allowed('store/postgres/file.ts', ['pg', '../../inbox/store.js']),
  ...refused('store/postgres/file.ts', ['@redis/client', '../../cluster/bus.js']),

  ...allowed('cluster/file.ts', ['pg', '@redis/client', ...rooms('protocol', 'inbox')]),
  ...refused('cluster/file.ts', rooms('auth', 'store', 'http', 'socket', 'client', 'telemetry')),
  ...refused('cluster/file.ts', [...rooms('console', 'cli'), 'better-sqlite3', 'ws', ...TOP]),
  ...['protocol', 'auth', 'inbox', 'telemetry', 'http', 'socket', 'client', 'cli'].flatMap((room) =>
    refused(`${room}/file.ts`, ['pg', '@redis/client', '../cluster/bus.js']),
  ),

  ...allowed('http/file.ts', ['hono', ...rooms('protocol', 'auth', 'inbox', 'telemetry')]),
  ...refused('http/file.ts', [...rooms('store', 'socket', 'client', 'console', 'cli'), ...TOP]),
  ...refused('http/openapi/file.ts', ['../../store/sqlite/store.js', '../../socket/session.js']),

  ...allowed('socket/file.ts', rooms('protocol', 'auth', 'inbox', 'telemetry')),
  ...refused('socket/file.ts', [
    'ws',
    ...rooms('store', 'http', 'client', 'console', 'cli'),
    ...TOP,
  ]),
  ...allowed('socket/socket-server.ts', ['ws', ...rooms('protocol', 'auth', 'inbox')]),
  ...refused('socket/socket-server.ts', [...rooms('store', 'http', 'client'), ...TOP]),

  ...allowed('client/file.ts', ['zod/mini', './module.js', ...rooms('protocol')]),
  ...refused('client/file.ts', rooms('auth', 'inbox', 'store', 'http', 'socket', 'console')),
  ...refused('client/file.ts', [...rooms('telemetry', 'cli'), ...TOP]),
  ...refused('client/file.ts', ['ws', 'node:fs', 'zod', 'jose', 'hono', 'uuid']),
  ...refused('client/browser.ts', ['ws', 'node:fs', '../service.js', '../socket/limits.js']),
  ...allowed('client/node.ts', ['ws', 'node:http', 'zod/mini', ...rooms('protocol')]),
  ...refused('client/node.ts', [...rooms('socket', 'inbox', 'telemetry'), 'jose', ...TOP]),
  ...allowed('client/file-storage.ts', ['node:fs', 'zod/mini']),

  ...allowed('server-client/file.ts', ['zod/mini', './module.js', ...rooms('protocol')]),
  ...refused('server-client/file.ts', rooms('auth', 'inbox', 'store', 'http', 'socket')),
  ...refused('server-client/file.ts', [...rooms('client', 'console', 'telemetry', 'cli'), ...TOP]),
  ...refused('server-client/file.ts', ['zod', 'node:crypto', 'ws', 'hono', 'uuid', 'jose']),
  ...ROOMS.flatMap((room) => refused(`${room}/file.ts`, rooms('server-client', 'element'))),
  ...['client', 'server-client'].flatMap((room) => refused(`${room}/file.ts`, rooms('element'))),

  ...allowed('element/file.ts', ['lit', 'lit/directives/repeat.js', 'zod/mini', './module.js']),
  ...allowed('element/file.ts', rooms('client', 'protocol')),
  ...refused('element/file.ts', rooms('auth', 'inbox', 'store', 'http', 'socket', 'console')),
  ...refused('element/file.ts', [...rooms('server-client', 'telemetry', 'cli'), ...TOP]),
  ...refused('element/file.ts', ['ws', 'node:fs', 'zod', 'jose', 'hono', 'lru-cache', 'uuid']),

  ...allowed('console/file.ts', ['lit', 'zod/mini', ...rooms('element', 'client', 'protocol')]),
  ...refused('console/file.ts', rooms('auth', 'inbox', 'store', 'http', 'socket')),
  ...refused('console/file.ts', [...rooms('server-client', 'telemetry', 'cli'), ...TOP]),
  ...refused('console/file.ts', ['ws', 'node:fs', 'zod', 'jose', 'hono', 'lru-cache', 'uuid']),

  ...allowed('cli/file.ts', [
    'ws',
    '../service.js',
    '../config.js',
    ...rooms('server-client', 'client'),
  ]),
  ...allowed('cli/file.ts', rooms('protocol', 'auth', 'telemetry')),
  ...refused('cli/file.ts', rooms('inbox', 'store', 'http', 'socket', 'element', 'console')),

  // Packages have a room too.
  ...allowed('auth/file.ts', ['lru-cache', 'zod/mini', 'node:crypto']),
  ...refused('auth/file.ts', ['hono', 'ws', 'better-sqlite3', 'pino', 'zod', 'uuid']),
  ...refused('inbox/file.ts', ['jose', 'hono', 'ws', 'better-sqlite3', 'pino', 'lru-cache']),
  ...refused('store/sqlite/file.ts', ['jose', 'hono', 'hono/request-id', 'ws', 'pino', 'zod/v4']),
  ...allowed('http/file.ts', ['hono/body-limit', '@hono/node-server', 'zod/mini']),
  ...refused('http/file.ts', ['jose', 'ws', 'better-sqlite3', 'pino', 'uuid']),
  ...refused('socket/file.ts', ['jose', 'hono', 'better-sqlite3', 'pino', 'lru-cache']),
  ...['http', 'socket', 'store', 'inbox'].flatMap((room) =>
    refused(`${room}/file.ts`, ['prom-client']),
  ),
  ...refused('socket/socket-server.ts', ['jose', 'hono', '@hono/node-server', 'pino']),
  ...allowed('telemetry/file.ts', ['pino-pretty', 'node:os']),
  ...refused('telemetry/file.ts', ['jose', 'hono', 'ws', 'better-sqlite3', 'zod']),
  ...allowed('cli/file.ts', ['jose', 'zod/mini']),
  ...refused('cli/file.ts', ['hono', 'better-sqlite3', 'lru-cache', 'uuid', 'pino']),
]

const Report = z.object({
  diagnostics: z.array(z.object({ code: z.optional(z.string()), filename: z.string() })),
})

/** The ways in which one file takes from another. */
const FORMS = [
  (name: string) => `import { thing } from '${name}'\nexport const used = thing\n`,
  (name: string) => `import type { Thing } from '${name}'\nexport type Used = Thing\n`,
  (name: string) => `export { thing } from '${name}'\n`,
  (name: string) => `export * from '${name}'\n`,
]

/** The files that the linter refuses for an import, of a tree that has one file for each case and form. */
async function lint(root: string): Promise<Set<string>> {
  for (const [index, [file, imports]] of CASES.entries()) {
    for (const [form, write] of FORMS.entries()) {
      const path = join(root, pathOf(index, file, form))
      mkdirSync(dirname(path), { recursive: true })
      copyFileSync(CONFIG, join(root, treeOf(index, form), '.oxlintrc.json'))
      writeFileSync(path, write(imports))
    }
  }
  const child = spawn(OXLINT, ['--format=json', '--deny-warnings'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  const { diagnostics } = Report.parse(JSON.parse(output))
  return new Set(
    diagnostics
      .filter(({ code }) => code?.includes('no-restricted-imports') === true)
      .map(({ filename }) => filename),
  )
}

/** Each case stands in a tree of its own, under the linter's settings, whose paths are relative to them. */
function treeOf(index: number, form: number): string {
  return `${index}-${form}`
}

function pathOf(index: number, file: string, form: number): string {
  return join(treeOf(index, form), 'src', file)
}

describe('the linter keeps the rooms apart', () => {
  const found: Set<string> = new Set()

  beforeAll(async () => {
    using folder = temporaryFolder()
    for (const file of await lint(folder.path)) found.add(file)
  }, 120_000) // 2 minutes: the linter takes all processors, which others may have

  test.each(CASES.map((entry, index) => [index, ...entry] as const))(
    '%d: src/%s that imports %s is %s',
    (index, file, _imports, verdict) => {
      const verdicts = FORMS.map((_, form) =>
        found.has(pathOf(index, file, form)) ? 'refused' : 'allowed',
      )
      expect(verdicts).toEqual(FORMS.map(() => verdict))
    },
  )
})
