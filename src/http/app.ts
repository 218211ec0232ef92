import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { PosthornError } from '../protocol/errors.js'
import { auditCalls } from './audit.js'
import { authenticate } from './authenticate.js'
import { consoleRoutes } from './console.js'
import { crossOrigin } from './cors.js'
import { deviceRoutes } from './devices.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { everyRequest } from './every-request.js'
import { FixedPathRouter } from './fixed-path-router.js'
import { inboxRoutes } from './inbox.js'
import { logRequests } from './log-requests.js'
import { requireLoopbackHost } from './loopback-hosts.js'
import { measureRequests } from './measure-requests.js'
import { metricsRoutes } from './metrics.js'
import { notificationRoutes } from './notifications.js'
import { probeRoutes } from './probes.js'
import { answerProblem, problemHandler } from './problems.js'
import { referenceRoutes } from './reference-page.js'
import { revocationRoutes } from './revocations.js'
import { stopGracefully } from './stop-gracefully.js'
import { UnderWay } from './under-way.js'
import { topicRoutes, userTopicRoutes } from './topics.js'
import { traceSends } from './trace-sends.js'
import { userRoutes } from './users.js'

/** What pages ask for in their user's name. */
const USERS_OWN = ['/v1/inbox/*', '/v1/devices/*']

/** What sends. */
const SENDS = ['/v1/notifications', '/v1/notifications/batch']

/** The REST API: from a request to an answer or a problem, with a request id on each. */
export function createApp(http: HttpContext): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>({ router: new FixedPathRouter() })
  app.onError(problemHandler(http))
  app.notFound((context) =>
    answerProblem(context, new PosthornError('not_found', 'There is nothing at this path.')),
  )

  app.use(
    everyRequest({
      tellers: [
        logRequests(http.log),
        measureRequests(http.metrics.requests),
        auditCalls(http.log),
      ],
      untaken: methodNotAllowed({
        app,
        onMethodNotAllowed: (context, methods) =>
          answerProblem(context, new PosthornError('method_not_allowed', 'Not by this method.'), {
            allow: methods.join(', '),
          }),
      }),
    }),
  )
  if (http.loopbackHostsOnly) app.use(requireLoopbackHost)

  app.route('/', probeRoutes(http))
  app.route('/', metricsRoutes(http))
  app.route('/', referenceRoutes())
  // Before all that may refuse a request: a page must be able to read why.
  for (const path of USERS_OWN) app.use(path, crossOrigin(http.origins))
  for (const path of ['/console/*', '/v1/socket']) app.use(path, stopGracefully(http.wayOut))
  if (http.console) app.route('/', consoleRoutes(http, http.console))
  app.get('/v1/socket', (context) =>
    answerProblem(
      context,
      new PosthornError('upgrade_required', 'Connect to this path with a WebSocket.'),
      { upgrade: 'websocket', connection: 'upgrade' },
    ),
  )
  const settled = stopGracefully(http.wayOut, authenticate(http, new UnderWay()))
  app.use('/v1/notifications/*', settled)
  const { tracing } = http
  if (tracing) for (const path of SENDS) app.post(path, traceSends(tracing, path))
  app.route('/v1/notifications', notificationRoutes(http))
  app.use('/v1/inbox/*', settled)
  app.route('/v1/inbox', inboxRoutes(http))
  app.use('/v1/devices/*', settled)
  app.route('/v1/devices', deviceRoutes(http))
  app.use('/v1/users/*', settled)
  app.route('/v1/users', userRoutes(http))
  app.route('/v1/users', userTopicRoutes(http))
  app.use('/v1/revocations/*', settled)
  app.route('/v1/revocations', revocationRoutes(http))
  app.use('/v1/topics/*', settled)
  app.route('/v1/topics', topicRoutes(http))
  app.use('/v1/*', stopGracefully(http.wayOut))
  return app
}
