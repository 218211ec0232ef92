import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import { SECURITY_HEADERS } from '../protocol/security-headers.js'
import type { RequestEnvironment } from './environment.js'

/** Where the build puts it. */
const BUNDLE = new URL('../../dist/console/', import.meta.url)

const FILES = [
  { path: '/', file: 'page.html', type: 'text/html; charset=utf-8' },
  { path: '/console/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/console/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
]

/** Nothing comes from outside, and nothing becomes code; `'self'` covers a WebSocket to here too (CSP 3 §6.7.2.8). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ')

const HEADERS = {
  ...SECURITY_HEADERS,
  // Asked for again each time: the page and the service are of one version.
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
}

/**
 * The page of the console and what it is made of, read once from where the build puts it.
 * @throws Error where it was not built
 */
export function pageRoutes(folder: URL = BUNDLE): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  const tagged = etag({
    retainedHeaders: [...RETAINED_304_HEADERS, 'x-request-id', ...Object.keys(HEADERS)],
  })
  for (const { path, file, type } of FILES) {
    const text = readBundled(new URL(file, folder))
    const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
    const headers = { ...HEADERS, 'content-type': type, etag: tag }
    routes.get(path, tagged, (context) => context.body(text, 200, headers))
  }
  return routes
}

function readBundled(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const mending = 'run `npm run build`, or set CONSOLE=false'
    throw new Error(`the console is not built: ${mending} (${reason})`, { cause: error })
  }
}
