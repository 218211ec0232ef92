import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Checkout, ROOT, run, toolOf, type Packed } from './packed.js'

let checkout: Checkout
let firstRun: { stdout: string; stderr: string }
let packed: Packed

beforeAll(async () => {
  checkout = new Checkout()
  firstRun = await checkout.npm('run', '-s', 'posthorn', '--', 'token', '--user', 'alice')
  packed = await checkout.pack()
}, 120_000)
afterAll(() => checkout[Symbol.dispose]())

const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })

test('the first `npm run -s posthorn` of a checkout builds in silence: a shell takes the token alone', () => {
  expect(firstRun.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  expect(firstRun.stderr).toBe('')
})

test('the package has what it is documented by, its migrations, and the pages and bundles for browsers', () => {
  expect(packed.files).toEqual(
    expect.arrayContaining([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'openapi.yaml',
      'package.json',
      ...sources('migrations')
        .filter((name) => name.endsWith('.sql'))
        .map((name) => `migrations/${name}`),
      ...['client.js', 'element.js'].map((name) => `dist/browser/${name}`),
      ...['console', 'reference'].flatMap((page) =>
        ['page.html', 'page.js', 'page.css'].map((name) => `dist/${page}/${name}`),
      ),
    ]),
  )
})

test('the package has what each module of ours was built to', () => {
  const modules = sources('src').filter((name) => /(?<!\.d)\.ts$/.test(name))
  // The console and the reference are pages and no modules.
  const built = modules.filter((name) => !/^(?:console|reference)\//.test(name))
  const expected = built.flatMap((name) =>
    ['.js', '.js.map', '.d.ts'].map((ending) => `dist/${name.replace(/\.ts$/, ending)}`),
  )
  expect(expected.length).toBeGreaterThan(300)
  expect(packed.files).toEqual(expect.arrayContaining(expected))
})

/** Whether a file belongs into the package. */
function belongs(file: string): boolean {
  const [, bundle] = /^dist\/(browser|console|reference)\//.exec(file) ?? []
  if (bundle === 'browser') return /\/(?:client|element)\.js(?:\.map|\.LEGAL\.txt)?$/.test(file)
  if (bundle === 'console') return /\/page\.(?:html|(?:js|css)(?:\.map|\.LEGAL\.txt)?)$/.test(file)
  if (bundle === 'reference') {
    return /\/(?:page\.(?:html|css|js|js\.LEGAL\.txt)|LICENSE\.txt)$/.test(file)
  }
  const [, module] = /^dist\/(.+?)\.(?:js|js\.map|d\.ts)$/.exec(file) ?? []
  if (module !== undefined) return existsSync(join(ROOT, 'src', `${module}.ts`))
  if (file.startsWith('migrations/')) return existsSync(join(ROOT, file)) && file.endsWith('.sql')
  return ['CHANGELOG.md', 'LICENSE', 'README.md', 'openapi.yaml', 'package.json'].includes(file)
}

test('the package has nothing else', () => {
  expect(packed.files.filter((file) => !belongs(file))).toEqual([])
})

const SourceMap = z.object({ sources: z.array(z.string()), sourcesContent: z.array(z.string()) })

test('each source map is there, and has the sources that it names, since the package has not', () => {
  // The reference is a bundle of others, whose map would be as large again.
  const mapped = packed.files.filter(
    (file) => /\.(?:js|css)$/.test(file) && !file.startsWith('dist/reference/'),
  )
  for (const file of mapped) {
    const { sources, sourcesContent } = SourceMap.parse(JSON.parse(packed.read(`${file}.map`)))
    expect([file, sources.length]).toEqual([file, sourcesContent.length])
    expect(sources.filter((source) => source.startsWith('/'))).toEqual([])
    expect(packed.read(file)).toContain(`sourceMappingURL=${file.split('/').at(-1)}.map`)
  }
  const maps = packed.files.filter((file) => file.endsWith('.map'))
  expect(maps).toEqual(mapped.map((file) => `${file}.map`).toSorted())
})

test('publint finds nothing to say', async () => {
  const { messages } = await publint({ pkgDir: packed.path, strict: true, pack: false })
  const manifest = z.record(z.string(), z.unknown()).parse(packed.manifest)
  expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
})

test('the types of each entry are found as its code is, by Node and by bundlers', async () => {
  const words = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'json']
  const { stdout } = await run(toolOf('attw'), [packed.tarball, ...words], { cwd: packed.project })
  const { analysis } = z
    .object({ analysis: z.object({ entrypoints: z.record(z.string(), z.unknown()) }) })
    .parse(JSON.parse(stdout))
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(packed.manifest.exports))
})

test.each(['client', 'element'])(
  "the README tells how large the browser's %s is",
  (name: string) => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const told = new RegExp(`\`posthorn/${name}\\.bundle\\.js\` \\(([\\d.]+) kB gzipped\\)`)
    const [, stated] = told.exec(readme) ?? []
    const bytes = gzipSync(packed.read(`dist/browser/${name}.js`), { level: 9 }).byteLength
    expect(Math.abs(Number(stated) - bytes / 1000), `it is ${bytes} bytes`).toBeLessThan(0.5)
  },
)
