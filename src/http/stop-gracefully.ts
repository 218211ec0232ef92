import type { Context, MiddlewareHandler } from 'hono'
import { PosthornError } from '../protocol/errors.js'
import type { HttpContext, RequestEnvironment } from './environment.js'

/**
 * Takes nothing new while the service stops; what was under way when that began is the last on its connection. What has to be
 * settled then, most of all who is calling, is done by the same middleware: another would cost a send 1 µs in promises (`accept`).
 */
export function stopGracefully(
  { isStopping }: HttpContext['wayOut'],
  settle?: (context: Context<RequestEnvironment>) => Promise<void>,
): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    if (isStopping()) throw new PosthornError('shutting_down', 'The service is stopping.')
    await settle?.(context)
    await next()
    if (isStopping()) context.header('connection', 'close')
  }
}
