import type { MiddlewareHandler } from 'hono'
import type { Tracing } from '../telemetry/tracing.js'
import type { RequestEnvironment } from './environment.js'

/**
 * Follows requests to send. Behind `authenticate`, so that nobody without a token of ours writes in others' traces
 * (https://www.w3.org/TR/trace-context/#security-considerations).
 */
export function traceSends(
  tracing: Pick<Tracing, 'request'>,
  route: string,
): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    const trace = tracing.request({
      method: 'POST',
      route,
      requestId: context.get('requestId'),
      traceparent: context.req.header('traceparent'),
      tracestate: context.req.header('tracestate'),
    })
    if (!trace) return next()
    context.set('trace', trace)
    await next()
    trace.end(context.res.status)
  }
}
