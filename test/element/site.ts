import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as z from 'zod/mini'

const BUNDLES = fileURLToPath(new URL('../../dist/browser/', import.meta.url))

/** As strict as a page can be that uses the element: nothing inline, no sink for scripts. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*`,
  `base-uri 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types lit-html`,
].join('; ')

const STYLE = `
  body { margin: 0; font-family: sans-serif; background: #fff; color: #171a21; }
  body.dark { background: #101217; color: #eceef3; }
  nav { display: flex; justify-content: space-between; align-items: center; padding: 8px 16px; }
`

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#0a7d52"/></svg>`

const page = (element: string, scripts: readonly string[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>A page</title>
    <link rel="stylesheet" href="/page.css" />
    ${scripts.map((name) => `<script type="module" src="/${name}.js"></script>`).join('\n    ')}
  </head>
  <body>
    <header><nav><h1>Shop</h1>${element}</nav></header>
    <main><p>What the page says.</p><button id="after">After</button></main>
  </body>
</html>`

/** A web site whose pages use the element as it is built, under a strict policy. */
export interface Site {
  url: string
  [Symbol.asyncDispose]: () => Promise<void>
}

/** A page with the element, one that may load it twice, one that has not loaded it yet, and one that is led to. */
export async function openSite(): Promise<Site> {
  const element = '<posthorn-inbox></posthorn-inbox>'
  const fake = await build({
    entryPoints: [fileURLToPath(new URL('fake-inbox.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  })
  const files = new Map<string, [type: string, text: string]>([
    ['/', ['text/html', page(element, ['fake-inbox', 'element'])]],
    ['/twice', ['text/html', page(element, ['fake-inbox', 'element'])]],
    ['/late', ['text/html', page(element, ['fake-inbox'])]],
    ['/page.css', ['text/css', STYLE]],
    ['/icon.svg', ['image/svg+xml', ICON]],
    ['/fake-inbox.js', ['text/javascript', fake.outputFiles[0]?.text ?? '']],
    ['/element.js', ['text/javascript', await readFile(`${BUNDLES}element.js`, 'utf8')]],
    ['/client.js', ['text/javascript', await readFile(`${BUNDLES}client.js`, 'utf8')]],
    ['/orders/7', ['text/html', '<!doctype html><title>Order 7</title>']],
  ])
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://site')
    const [type, text] = files.get(pathname) ?? []
    if (type === undefined) {
      response.writeHead(404).end()
      return
    }
    // Each copy of Lit makes its own policy for what it parses.
    const policy = pathname === '/twice' ? `${POLICY} 'allow-duplicates'` : POLICY
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
