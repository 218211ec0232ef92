import { isUtf8 } from 'node:buffer'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { PosthornError } from '../protocol/errors.js'
import type { RequestEnvironment } from './environment.js'

/** Largest request body: 1 MiB. */
export const MAX_REQUEST_BYTES = 1024 * 1024

/**
 * Refuses bodies over a limit before they are read whole. Node's parser holds a body to its `Content-Length`, so the
 * header is enough where there is one; a chunked body is counted as it comes. (hono's own middleware builds a whole
 * `Request` in both cases, which halved the rate of the benchmark `accept`.)
 */
export function limitBody(maxBytes: number): MiddlewareHandler<RequestEnvironment> {
  const refuse = (): never => {
    throw new PosthornError('payload_too_large', `A request has at most ${maxBytes} bytes here.`)
  }
  const count = bodyLimit({ maxSize: maxBytes, onError: refuse })
  const countChunks: MiddlewareHandler<RequestEnvironment> = async (context, next) => {
    try {
      return await count(context, next)
    } catch (error) {
      // What a handler throws was answered before it came here.
      throw error instanceof PosthornError ? error : endedEarly(error)
    }
  }
  return async (context, next) => {
    const { headers } = context.env.incoming
    if (headers['transfer-encoding'] !== undefined) return countChunks(context, next)
    if (Number(headers['content-length'] ?? 0) > maxBytes) refuse()
    return next()
  }
}

/**
 * The body as JSON, not yet parsed by a schema.
 * @throws PosthornError `malformed_body` where it is no JSON in UTF-8 (RFC 8259 §8.1)
 */
export async function readJson(context: Context<RequestEnvironment>): Promise<unknown> {
  const bytes = Buffer.from(await readBytes(context))
  if (!isUtf8(bytes)) throw new PosthornError('malformed_body', 'The body is not UTF-8.')
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new PosthornError('malformed_body', 'The body is not JSON.', { cause: error })
  }
}

async function readBytes(context: Context<RequestEnvironment>): Promise<ArrayBuffer> {
  try {
    return await context.req.arrayBuffer()
  } catch (error) {
    throw endedEarly(error)
  }
}

/** The caller went away, or its chunks were malformed: nobody is left to hear the answer. */
function endedEarly(cause: unknown): PosthornError {
  return new PosthornError('malformed_body', 'The body ended too early.', { cause })
}
