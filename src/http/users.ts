import { Hono } from 'hono'
import { requireService } from '../auth/principal.js'
import { PosthornError } from '../protocol/errors.js'
import { UserId } from '../protocol/identifiers.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { inboxOf } from './inbox-of.js'

/** What services do for a user: `/v1/users/{user}`. */
export function userRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.route(
    '/:user/inbox',
    inboxOf(http, (context) => {
      requireService(context.var.principal, 'posthorn:users')
      return userOf(context.req.param('user') ?? '', context.req.path)
    }),
  )
  return routes
}

/** @throws PosthornError `not_found` where no user can be so called */
export function userOf(name: string, path: string): string {
  if (!isEncoded(path) || !UserId.safeParse(name).success) {
    throw new PosthornError('not_found', 'There is no such user.')
  }
  return name
}

/** Whether a path is rightly percent-encoded (RFC 3986 §2.1): hono takes what is not as it stands, and two spellings for one user. */
export function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
