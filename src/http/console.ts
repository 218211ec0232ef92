import { Hono } from 'hono'
import { isOriginAllowed } from '../auth/origins.js'
import { requireService } from '../auth/principal.js'
import {
  ConsoleSettingsQuery,
  type ConsoleSettings,
  type ConsoleTraffic,
} from '../protocol/console.js'
import { VERSION } from '../protocol/version.js'
import { authenticate } from './authenticate.js'
import { pageRoutes } from './console-page.js'
import { tokenRoutes } from './console-tokens.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { NoQuery, parseQuery } from './query.js'

/** Connections that the console lists. */
const MAX_CONNECTIONS = 200

/**
 * The page on which a person sees the service work, and what it asks: internal to one version, and so not in
 * `openapi.yaml`.
 */
export function consoleRoutes(
  http: HttpContext,
  { mint }: NonNullable<HttpContext['console']>,
): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.route('/', pageRoutes())

  routes.get('/console/settings', (context) => {
    const { origin } = parseQuery(context, ConsoleSettingsQuery)
    context.header('cache-control', 'no-store')
    return context.json({
      version: VERSION,
      development: mint !== undefined,
      mayConnect: isOriginAllowed(origin, http.origins),
    } satisfies ConsoleSettings)
  })

  if (mint) routes.route('/console/tokens', tokenRoutes(http, mint))

  const settle = authenticate(http)
  routes.get('/console/traffic', async (context) => {
    await settle(context)
    requireService(context.get('principal'), 'posthorn:users')
    parseQuery(context, NoQuery)
    const { connections, total } = await http.live.newest(MAX_CONNECTIONS)
    context.header('cache-control', 'no-store')
    return context.json({
      at: new Date(http.clock()).toISOString(),
      connections: connections.map(({ connection, user, device, connectedAt, heardAt }) => ({
        connection,
        user,
        device,
        connectedAt: new Date(connectedAt).toISOString(),
        heardAt: new Date(heardAt).toISOString(),
      })),
      total,
      sums: http.traffic.sums,
    } satisfies ConsoleTraffic)
  })

  return routes
}
