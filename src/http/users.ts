import { Hono } from 'hono'
import { requireService } from '../auth/principal.js'
import { audited } from './audit.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { inboxOf } from './inbox-of.js'
import { peopleRoutes } from './people.js'
import { userOf } from './user-of.js'

/** What services do for a user: `/v1/users/{user}`. */
export function userRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.post('/:user/inbox/mark', audited('inbox.mark'))
  routes.route(
    '/:user/inbox',
    inboxOf(http, (context) => {
      requireService(context.get('principal'), 'posthorn:users')
      return userOf(context.req.param('user') ?? '', context.req.path)
    }),
  )
  routes.route('/', peopleRoutes(http))
  return routes
}
