import type { MiddlewareHandler } from 'hono'
import { isForLoopback } from '../auth/hosts.js'
import { PosthornError } from '../protocol/errors.js'
import type { HttpContext, RequestEnvironment } from './environment.js'

/** In development, refuses whoever came by another name: a page of a host that was pointed here (DNS rebinding), say. */
export function loopbackHosts({
  loopbackHostsOnly,
}: Pick<HttpContext, 'loopbackHostsOnly'>): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    if (loopbackHostsOnly && !isForLoopback(context.env.incoming)) {
      throw new PosthornError(
        'host_not_allowed',
        'In development this service answers to localhost, 127.0.0.1 and [::1] alone.',
      )
    }
    return next()
  }
}
