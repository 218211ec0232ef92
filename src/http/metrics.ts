import { Hono, type Context } from 'hono'
import { requireService } from '../auth/principal.js'
import { authenticate } from './authenticate.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { NoQuery, parseQuery } from './query.js'

/** `/metrics` for services that may read it. */
export function metricsRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  const settle = authenticate(http)
  routes.get('/metrics', async (context) => {
    await settle(context)
    requireService(context.get('principal'), 'posthorn:metrics')
    parseQuery(context, NoQuery)
    return answerMetrics(context, http)
  })
  return routes
}

/** All that is measured, in the text format of Prometheus. */
export async function answerMetrics(
  context: Context<RequestEnvironment>,
  { metrics }: Pick<HttpContext, 'metrics'>,
): Promise<Response> {
  const text = await metrics.read()
  return context.body(text, 200, {
    'content-type': metrics.contentType,
    'cache-control': 'no-store',
  })
}
