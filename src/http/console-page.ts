import type { Hono } from 'hono'
import { bundledPage, SELF_ALONE } from './bundled-page.js'
import type { RequestEnvironment } from './environment.js'

/** Where the build puts it. */
const BUNDLE = new URL('../../dist/console/', import.meta.url)

/**
 * The page of the console.
 * @throws Error where it was not built
 */
export function pageRoutes(folder: URL = BUNDLE): Hono<RequestEnvironment> {
  return bundledPage({
    path: '/',
    below: '/console',
    folder,
    // Nothing becomes code, either.
    policy: [...SELF_ALONE, "require-trusted-types-for 'script'", 'trusted-types lit-html'],
    mending: 'the console is not built: run `npm run build`, or set CONSOLE=false',
  })
}
