import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import { SECURITY_HEADERS } from '../protocol/security-headers.js'
import type { RequestEnvironment } from './environment.js'

/** A page for people, and what it is made of. */
export interface BundledPage {
  /** Where the page itself is served. */
  path: string
  /** Below which its script `page.js` and its styles `page.css` are served. */
  below: string
  /** Where the build puts them, and `page.html`. */
  folder: URL
  /** Its content security policy, one directive each. */
  policy: readonly string[]
  /** What to do where it was not built. */
  mending: string
}

/** Nothing comes from outside; `'self'` covers a WebSocket to here too (CSP 3 §6.7.2.8). */
export const SELF_ALONE = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

/**
 * Serves a page and what it is made of, read once from where the build puts it.
 * @throws Error where it was not built
 */
export function bundledPage(page: BundledPage): Hono<RequestEnvironment> {
  const headers = {
    ...SECURITY_HEADERS,
    // Asked for again each time: the page and the service are of one version.
    'cache-control': 'no-cache',
    'content-security-policy': page.policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
  }
  const tagged = etag({
    retainedHeaders: [...RETAINED_304_HEADERS, 'x-request-id', ...Object.keys(headers)],
  })
  const routes = new Hono<RequestEnvironment>()
  for (const [path, file, type] of [
    [page.path, 'page.html', 'text/html; charset=utf-8'],
    [`${page.below}/page.js`, 'page.js', 'text/javascript; charset=utf-8'],
    [`${page.below}/page.css`, 'page.css', 'text/css; charset=utf-8'],
  ] as const) {
    const text = readBundled(new URL(file, page.folder), page.mending)
    const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
    const all = { ...headers, 'content-type': type, etag: tag }
    routes.get(path, tagged, (context) => context.body(text, 200, all))
  }
  return routes
}

function readBundled(file: URL, mending: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${mending} (${reason})`, { cause: error })
  }
}
