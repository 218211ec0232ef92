import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { hasChromium, openBrowser } from '../browser.js'
import { Checkout, run, toolOf, type Packed } from './packed.js'

let checkout: Checkout
let packed: Packed

beforeAll(async () => {
  checkout = new Checkout()
  packed = await checkout.pack()
}, 120_000)
afterAll(() => checkout[Symbol.dispose]())

/** Runs a module in the project; gives what it prints as JSON. */
async function inNode(source: string): Promise<unknown> {
  const words = ['--input-type=module', '-e', source]
  return JSON.parse((await run(process.execPath, words, { cwd: packed.project })).stdout)
}

describe('in Node', () => {
  test('each entry is imported by its name, the element where there is no page, too', async () => {
    const names = await inNode(`
      const entries = ['client', 'server-client', 'element'].map((name) => import('posthorn/' + name))
      console.log(JSON.stringify((await Promise.all(entries)).map((entry) => Object.keys(entry))))
    `)
    expect(names).toEqual([
      expect.arrayContaining(['connect', 'fileStorage', 'InboxError']),
      expect.arrayContaining(['createClient', 'PosthornApiError']),
      expect.arrayContaining(['PosthornInbox']),
    ])
  })

  test('CommonJS may require the clients', async () => {
    const types = await inNode(`
      import { createRequire } from 'node:module'
      const require = createRequire(process.cwd() + '/')
      const { connect } = require('posthorn/client')
      const { createClient } = require('posthorn/server-client')
      console.log(JSON.stringify([typeof connect, typeof createClient]))
    `)
    expect(types).toEqual(['function', 'function'])
  })

  test('the command tells its version, and serves from where it is installed', async () => {
    const command = join(packed.path, packed.manifest.bin.posthorn)
    const { stdout } = await run(process.execPath, [command, '--version'], { cwd: packed.project })
    expect(stdout).toBe(`${packed.manifest.version}\n`)

    const service = spawn(process.execPath, [command, 'serve'], {
      cwd: packed.project,
      env: { PATH: process.env['PATH'], PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(service, 'exit')
    try {
      const url = await listening(createInterface({ input: service.stdout }))
      for (const path of ['/healthz', '/openapi.yaml', '/', '/console/page.js']) {
        const response = await fetch(new URL(path, url))
        const body = await response.text()
        expect([path, response.status, body === '']).toEqual([path, 200, false])
      }
    } finally {
      service.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  })
})

/** Where the service says that it listens. */
async function listening(log: AsyncIterable<string>): Promise<string> {
  for await (const line of log) {
    const { msg, url } = z
      .looseObject({ msg: z.string(), url: z.optional(z.string()) })
      .parse(JSON.parse(line))
    if (msg === 'listening' && url !== undefined) return url
  }
  throw new Error('the service has ended')
}

const SERVICE = `
  import { connect, fileStorage, InboxError, type Inbox, type Status } from 'posthorn/client'
  import { createClient, PosthornApiError } from 'posthorn/server-client'

  const inbox: Inbox = connect({
    url: 'https://notify.example',
    token: () => 'token',
    device: 'desk',
    storage: fileStorage('desk.json'),
  })
  inbox.on('notification', async ({ notification, replayed }) => {
    const title: string | null = notification.title
    if (!replayed) await inbox.markRead(notification.id)
    return title
  })
  const status: Status = inbox.status
  if (status.state === 'closed') console.log(status.why.code.toFixed())
  // @ts-expect-error types that are not found would be any
  export const wrong: number = inbox.status
  inbox.on('error', (error) => console.log(error instanceof InboxError && error.code.length))

  const client = createClient({ url: 'https://notify.example', token: 'token' })
  const { id } = await client.send({ to: { user: 'alice' }, type: 'greeting' })
  await client.recall(id).catch((error: unknown) => error instanceof PosthornApiError && error.status)
  await inbox[Symbol.asyncDispose]()
`
const PAGE = `
  import { connect } from 'posthorn/client'
  export const inbox = connect({ url: location.origin, token: async () => 'token', share: false })
  inbox.on('counts', ({ unread }) => void (document.title = unread.toFixed()))
  // @ts-expect-error types that are not found would be any
  export const wrong: number = inbox.status
`
const ELEMENT = `
  import { PosthornInbox } from 'posthorn/element'
  export const element: HTMLElement = document.body.appendChild(new PosthornInbox())
`

// Libraries are as old as our oldest users', and everything that they and we declare is checked.
const SERVICE_TYPES = ['--lib', 'es2023', '--types', 'node']
const PAGE_TYPES = ['--lib', 'es2022,dom', '--types', '']
const NODE = ['--module', 'nodenext']
const BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler']

test.each([
  ['a service', 'nodenext', SERVICE, [...NODE, ...SERVICE_TYPES]],
  ['a service', 'bundler', SERVICE, [...BUNDLER, ...SERVICE_TYPES]],
  ['a page', 'nodenext', PAGE, [...NODE, ...PAGE_TYPES]],
  ['a page', 'bundler', PAGE, [...BUNDLER, ...PAGE_TYPES]],
  ['a page', 'browser', PAGE, [...BUNDLER, '--customConditions', 'browser', ...PAGE_TYPES]],
  ['an element', 'nodenext', ELEMENT, [...NODE, ...PAGE_TYPES]],
  ['an element', 'bundler', ELEMENT, [...BUNDLER, ...PAGE_TYPES]],
])('%s passes TypeScript at its strictest (%s)', async (_what, name, source, words) => {
  const file = join(packed.project, `${name}.mts`)
  writeFileSync(file, source)
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
  const checked = [...strict, '--noEmit', '--skipLibCheck', 'false', '--target', 'es2022']
  const { stdout } = await run(toolOf('tsc'), [...checked, ...words, file], { cwd: packed.project })
  expect(stdout).toBe('')
})

/** What a bundler makes of a page's module. */
async function bundle(source: string): Promise<{ code: string; inputs: string[] }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: packed.project, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) }
}

describe('in a bundle', () => {
  test('a page has of the package what is for browsers, and nothing of Node', async () => {
    const { code, inputs } = await bundle(PAGE)
    expect(inputs.some((input) => input.endsWith('posthorn/dist/client/browser.js'))).toBe(true)
    const strange = inputs.filter(
      (input) => !/posthorn\/dist\/(client|protocol)\/|zod\//.test(input),
    )
    expect(strange).toEqual(['<stdin>'])
    expect(inputs.filter((input) => /\/(node|file-storage)\.js$/.test(input))).toEqual([])
    expect(code).not.toMatch(/\bnode:|\brequire\(/)
  })

  test('what a page does not use is left out, and the element is not', async () => {
    const unused = await bundle(`import { connect } from 'posthorn/client'; export const x = 1`)
    expect(unused.code.length).toBeLessThan(100)
    const element = await bundle(`import 'posthorn/element'`)
    expect(element.code).toContain('posthorn-inbox')
  })
})

const POLICY = `default-src 'none'; script-src 'self'; connect-src ws://127.0.0.1:*`

describe.skipIf(!hasChromium)('in Chromium', () => {
  test('the bundles load as they are, and one of a page does, under a strict policy', async () => {
    const bundled = (await bundle(PAGE)).code
    const modules: ReadonlyMap<string, string> = new Map([
      ['/client.js', packed.read('dist/browser/client.js')],
      ['/element.js', packed.read('dist/browser/element.js')],
      ['/page.js', bundled],
    ])
    const scripts = [...modules.keys()].map((src) => `<script type="module" src="${src}"></script>`)
    const server = createServer(({ url = '' }, response) => {
      const module = modules.get(url)
      response.setHeader('content-security-policy', POLICY)
      response.setHeader('content-type', module === undefined ? 'text/html' : 'text/javascript')
      response.end(module ?? `<!doctype html>${scripts.join('')}`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = z.object({ port: z.int() }).parse(server.address())
    await using chromium = await openBrowser()
    try {
      const page = await chromium.page()
      await page.goto(`http://127.0.0.1:${port}/`)
      const found = await page.evaluate(`(async () => [
        Object.keys(await import('/client.js')),
        Object.keys(await import('/element.js')),
        customElements.get('posthorn-inbox') === (await import('/element.js')).PosthornInbox,
        (await import('/page.js')).inbox.status.state,
      ])()`)
      expect(found).toEqual([
        expect.arrayContaining(['InboxError', 'connect']),
        expect.arrayContaining(['PosthornInbox']),
        true,
        expect.any(String),
      ])
      expect(chromium.complaints).toEqual([])
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
