import type { Context, MiddlewareHandler } from 'hono'
import type { RequestEnvironment } from './environment.js'

/** Is told of a request that has its answer, `context.res`, and how long it took. */
export type Teller = (context: Context<RequestEnvironment>, milliseconds: number) => void

/**
 * Tells these, in this order, of each request when it has its answer. One middleware for all: each that waits for the answer
 * itself would cost every request some promises more.
 */
export function tellAnswers(...tellers: readonly Teller[]): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    const begun = performance.now()
    await next()
    const milliseconds = performance.now() - begun
    for (const tell of tellers) tell(context, milliseconds)
  }
}
