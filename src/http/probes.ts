import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { PosthornError } from '../protocol/errors.js'
import type { HttpContext, RequestEnvironment } from './environment.js'

const OPENAPI = new URL('../../openapi.yaml', import.meta.url)

/** What operators ask: no token needed. */
export function probeRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  const openapi = readFileSync(OPENAPI, 'utf8')

  routes.get('/healthz', (context) => context.json({ status: 'ok' }))

  routes.get('/readyz', async (context) => {
    if (http.wayOut.isAnnounced())
      throw new PosthornError('shutting_down', 'The service is stopping.')
    await http.store.check()
    return context.json({ status: 'ready' })
  })

  routes.get('/openapi.yaml', (context) =>
    context.body(openapi, 200, { 'content-type': 'application/yaml' }),
  )

  return routes
}
