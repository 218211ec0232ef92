import type { Context } from 'hono'
import type { RequestEnvironment } from './environment.js'

/**
 * An object whose first field is a list of JSON texts, which are joined as they are rather than parsed and written again.
 * Made by the context, which adds the headers that every answer has.
 */
export function answerJson(
  context: Context<RequestEnvironment>,
  list: string[],
  name: string,
  rest: Record<string, unknown>,
): Response {
  const text = `{"${name}":[${list.join(',')}],${JSON.stringify(rest).slice(1)}`
  return context.body(text, 200, { 'content-type': 'application/json' })
}
