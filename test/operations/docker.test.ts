import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { readConfig } from '../../src/config.js'
import { SECRET, temporaryFolder } from '../harness.js'
import { Dockerfile } from './dockerfile.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const text = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

const dockerfile = new Dockerfile(join(ROOT, 'Dockerfile'))
const [BUILD, RUN] = [0, 1]
const engines = z.looseObject({ engines: z.object({ node: z.string() }) })

describe('the Dockerfile', () => {
  test('builds from what lies in the checkout, and the context holds nothing else', () => {
    const copied = dockerfile.copied(BUILD).map((source) => source.replace(/^\.\//, ''))
    expect(copied.filter((source) => !existsSync(join(ROOT, source)))).toEqual([])
    const [everything, ...kept] = text('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(everything).toBe('*')
    expect(kept.toSorted()).toEqual(copied.map((source) => `!${source}`).toSorted())
  })

  test('builds and runs on one Node, which package.json allows', () => {
    const images = [BUILD, RUN].map((stage) => dockerfile.one(stage, 'FROM').split(' ')[0])
    expect(new Set(images).size).toBe(1)
    const [, major] = /^node:(\d+)-\w+-slim$/.exec(images[0] ?? '') ?? []
    const { node } = engines.parse(JSON.parse(text('package.json'))).engines
    const [, least] = /^>=(\d+)/.exec(node) ?? []
    expect(Number(major)).toBeGreaterThanOrEqual(Number(least))
    // Odd ones are kept for half a year alone.
    expect(Number(major) % 2).toBe(0)
  })

  test('runs as nobody in particular, with its data in a volume of that user', () => {
    const [, user] = /^([1-9]\d*):[1-9]\d*$/.exec(dockerfile.one(RUN, 'USER')) ?? []
    const volume = dockerfile.one(RUN, 'VOLUME')
    expect(dockerfile.one(RUN, 'RUN')).toMatch(`install -d -o ${user} -g ${user} -m 0700 ${volume}`)
    expect(dockerfile.environment(RUN)['DATABASE_URL']).toBe(`sqlite:${volume}/posthorn.db`)
  })

  test('names settings that the service takes, and refuses to start on every address without keys', () => {
    const environment = dockerfile.environment(RUN)
    expect(readConfig({ ...environment, JWT_SECRET: SECRET })).toMatchObject({
      host: '0.0.0.0',
      port: Number(dockerfile.one(RUN, 'EXPOSE')),
    })
    expect(() => readConfig(environment)).toThrow(/HOST/)
  })
})

/** All but the sources of better-sqlite3, of which the Dockerfile leaves nothing either. */
const isKept = (path: string): boolean => !/better-sqlite3\/(?:deps|src)$/.test(path)

/** The files of the last stage, in a folder: what it copies, with the packages that `npm prune --omit=dev` would leave. */
function layOut(folder: string): void {
  for (const source of dockerfile.copied(RUN).map((path) => path.replace(/^\/app\//, ''))) {
    if (source !== 'node_modules')
      cpSync(join(ROOT, source), join(folder, source), { recursive: true })
  }
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packages = listed.split('\n').filter((path) => path.includes('node_modules'))
  expect(packages.length).toBeGreaterThan(10)
  for (const path of packages) {
    const from = relative(ROOT, path)
    cpSync(path, join(folder, from), { recursive: true, filter: isKept })
  }
}

describe('what the image holds', () => {
  test('serves, is found healthy by its own check, and ends at SIGTERM', async () => {
    using folder = temporaryFolder()
    using data = temporaryFolder()
    layOut(folder.path)
    const [init, dashes, program, ...words] = [
      ...dockerfile.words(RUN, 'ENTRYPOINT'),
      ...dockerfile.words(RUN, 'CMD'),
    ]
    expect([init, dashes, program]).toEqual(['tini', '--', 'posthorn'])
    // As the Dockerfile links it.
    const link = join(folder.path, 'posthorn')
    expect(dockerfile.one(RUN, 'RUN')).toContain('ln -s /app/dist/main.js /usr/local/bin/posthorn')
    symlinkSync(join(folder.path, 'dist/main.js'), link)
    const environment = {
      ...dockerfile.environment(RUN),
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:${join(data.path, 'posthorn.db')}`,
      JWT_SECRET: SECRET,
    }
    const child = spawn(process.execPath, [link, ...words], {
      cwd: folder.path,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const port = await portOf(child.stdout)
      const [node = '', script = ''] = dockerfile.words(RUN, 'HEALTHCHECK')
      expect(node).toBe('node')
      const checkHealth = (env: NodeJS.ProcessEnv) =>
        run(process.execPath, [script.replace(/^\/app/, folder.path)], env)
      expect(await checkHealth({ ...environment, PORT: port })).toEqual({ code: 0, errors: '' })

      child.kill('SIGTERM')
      await once(child, 'exit')
      expect(child.exitCode).toBe(0)
      const after = await checkHealth({ ...environment, PORT: port })
      expect(after.code).toBe(1)
      expect(after.errors).toMatch(/^not healthy: .*REFUSED/)
    } finally {
      child.kill('SIGKILL')
    }
  }, 120_000)
})

const Service = z.looseObject({
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()),
  stop_grace_period: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  volumes: z.tuple([z.string()]),
})
const Compose = z.object({
  services: z.object({ posthorn: Service }),
  volumes: z.record(z.string(), z.unknown()),
})

describe('compose.yaml', () => {
  const { services, volumes } = Compose.parse(parse(text('compose.yaml')))
  const { posthorn } = services

  test('gives it more time to stop than it takes, and settings that it knows', () => {
    // What .env says; nothing, but for the secret.
    const given = Object.fromEntries(
      Object.entries(posthorn.environment).map(([name, value]) => [
        name,
        value.replace(/^\$\{\w+:-\}$/, ''),
      ]),
    )
    given['JWT_SECRET'] = SECRET
    const { shutdownTimeoutMs } = readConfig({ ...dockerfile.environment(RUN), ...given })
    expect(posthorn.stop_grace_period).toMatch(/^\d+s$/)
    expect(Number.parseInt(posthorn.stop_grace_period, 10) * 1_000).toBeGreaterThan(
      shutdownTimeoutMs,
    )
  })

  test('opens it to this machine alone, and keeps its data in a volume', () => {
    expect(posthorn.ports).toEqual(['127.0.0.1:8080:8080'])
    expect(posthorn.volumes).toEqual([`data:${dockerfile.one(RUN, 'VOLUME')}`])
    expect(Object.keys(volumes)).toEqual(['data'])
  })
})

function portOf(output: NodeJS.ReadableStream): Promise<string> {
  const Line = z.looseObject({ msg: z.string(), url: z.optional(z.string()) })
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const { url } = Line.parse(JSON.parse(line))
      if (url !== undefined) resolve(new URL(url).port)
    })
  })
}

async function run(
  program: string,
  words: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; errors: string }> {
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  await once(child, 'close')
  return { code: child.exitCode, errors }
}
