import { Hono } from 'hono'
import { PosthornError } from '../protocol/errors.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { everyRequest } from './every-request.js'
import { logRequests } from './log-requests.js'
import { requireLoopbackHost } from './loopback-hosts.js'
import { answerMetrics } from './metrics.js'
import { probeRoutes } from './probes.js'
import { answerProblem, problemHandler } from './problems.js'

/** All that the port of operators serves. */
const PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** What operators ask on a port of their own, without a token: it should be reached by them alone. */
export function createOperationsApp(http: HttpContext): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>()
  app.onError(problemHandler(http))
  app.notFound((context) => answerProblem(context, nothingHere()))
  app.use(everyRequest({ tellers: [logRequests(http.log)] }))
  if (http.loopbackHostsOnly) app.use(requireLoopbackHost)
  app.use(async (context, next) => {
    if (!PATHS.has(context.req.path)) throw nothingHere()
    return next()
  })
  app.get('/metrics', (context) => answerMetrics(context, http))
  app.route('/', probeRoutes(http))
  return app
}

function nothingHere(): PosthornError {
  return new PosthornError('not_found', 'There is nothing at this path.')
}
