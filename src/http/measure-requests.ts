import { matchedRoutes } from 'hono/route'
import type { RequestMetrics } from '../telemetry/request-metrics.js'
import type { Teller } from './every-request.js'

/** Measures each request by the route that it was for, whether that could serve it or not. */
export function measureRequests(requests: Pick<RequestMetrics, 'answered'>): Teller {
  const routes = new Map<string, string>()
  return (context, milliseconds) => {
    // What stands before a handler takes any method; a path that no handler takes fits none.
    const pattern = matchedRoutes(context).findLast(({ method }) => method !== 'ALL')?.path
    requests.answered({
      route: pattern === undefined ? undefined : routeOf(routes, pattern),
      method: context.req.method,
      status: context.res.status,
      milliseconds,
    })
  }
}

/** A pattern as `openapi.yaml` writes it. */
function routeOf(known: Map<string, string>, pattern: string): string {
  let route = known.get(pattern)
  if (route === undefined) {
    route = pattern.replaceAll(/:(\w+)/g, '{$1}')
    known.set(pattern, route)
  }
  return route
}
