// Bundles what browsers load: the client and the element for pages without a bundler of their own, and the pages that the service
// serves. `npm run build` runs it after the compiler.
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const COMMON = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2023',
  sourcemap: true,
  legalComments: 'linked',
  logLevel: 'warning',
}

await build({
  ...COMMON,
  entryPoints: { client: 'src/client/browser.ts', element: 'src/element/index.ts' },
  outdir: 'dist/browser',
})
await build({
  ...COMMON,
  // What package.json says of side effects is of the published files: the page imports the element for nothing else.
  ignoreAnnotations: true,
  entryPoints: ['src/console/page.ts', 'src/console/page.css', 'src/console/page.html'],
  loader: { '.html': 'copy' },
  outdir: 'dist/console',
})

await build({
  ...COMMON,
  // Nearly all of it is a bundle already, whose map would be as large again.
  sourcemap: false,
  entryPoints: ['src/reference/page.ts', 'src/reference/page.css', 'src/reference/page.html'],
  loader: { '.html': 'copy' },
  outdir: 'dist/reference',
})
// Its licence, and those of what it was bundled from, go with it (Apache License 2.0 §4).
const licences = ['NOTICE', 'LICENSE', 'swagger-ui-es-bundle.js.LICENSE.txt']
writeFileSync(
  'dist/reference/LICENSE.txt',
  licences.map((name) => readFileSync(`node_modules/swagger-ui-dist/${name}`, 'utf8')).join('\n'),
)

// What `npm run -s …` runs prints its own output alone.
if (process.env['npm_config_loglevel'] !== 'silent') {
  for (const name of ['client', 'element']) {
    const bytes = gzipSync(readFileSync(`dist/browser/${name}.js`), { level: 9 }).byteLength
    console.log(`dist/browser/${name}.js: ${(bytes / 1000).toFixed(1)} kB gzipped`)
  }
}
