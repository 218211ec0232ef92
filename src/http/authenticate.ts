import type { MiddlewareHandler } from 'hono'
import { bearerToken } from '../auth/bearer.js'
import type { Verify } from '../auth/verify.js'
import type { RequestEnvironment } from './environment.js'

/** Settles who is calling; a token of ours comes by the `Authorization` header alone. */
export function authenticate(verify: Verify): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    context.set('principal', await verify(bearerToken(context.req.header('authorization'))))
    return next()
  }
}
