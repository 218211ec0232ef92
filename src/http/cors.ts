import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { isOriginAllowed, type OriginRule } from '../auth/origins.js'
import type { RequestEnvironment } from './environment.js'

/**
 * Lets pages of those origins read answers that may open a socket (CORS: Fetch §3.3). Any other origin is answered without
 * the headers, and its browser keeps the answer from the page. Tokens travel in a header that the page sets itself, so
 * no cookies are asked for.
 */
export function crossOrigin(origins: OriginRule): MiddlewareHandler<RequestEnvironment> {
  return cors({
    origin: (origin) => (origin !== '' && isOriginAllowed(origin, origins) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'If-None-Match'],
    exposeHeaders: ['X-Request-Id', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'ETag'],
    maxAge: 7_200, // 2 hours, the most that Chromium keeps an answer to a preflight
  })
}
