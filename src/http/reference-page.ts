import type { Hono } from 'hono'
import { bundledPage, SELF_ALONE } from './bundled-page.js'
import type { RequestEnvironment } from './environment.js'

/** Where the build puts it. */
const BUNDLE = new URL('../../dist/reference/', import.meta.url)

/**
 * The API reference, which a page of this service draws from its own `openapi.yaml`: needs no token, and nothing from outside.
 * @throws Error where it was not built
 */
export function referenceRoutes(): Hono<RequestEnvironment> {
  return bundledPage({
    path: '/docs',
    below: '/docs',
    folder: BUNDLE,
    policy: SELF_ALONE,
    mending: 'the API reference is not built: run `npm run build`',
  })
}
