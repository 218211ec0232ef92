import type { MiddlewareHandler } from 'hono'
import { isForLoopback } from '../auth/hosts.js'
import { PosthornError } from '../protocol/errors.js'
import type { RequestEnvironment } from './environment.js'

/** For development: refuses whoever came by another name: a page of a host that was pointed here (DNS rebinding), say. */
export const requireLoopbackHost: MiddlewareHandler<RequestEnvironment> = (context, next) => {
  if (isForLoopback(context.env.incoming)) return next()
  throw new PosthornError(
    'host_not_allowed',
    'In development this service answers to localhost, 127.0.0.1 and [::1] alone.',
  )
}
