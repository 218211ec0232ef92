import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { MintError, type Minted, type MintToken } from '../auth/mint.js'
import { isLoopbackOrigin } from '../auth/origins.js'
import type { Scope } from '../auth/principal.js'
import { ConsoleTokenRequest, type ConsoleToken } from '../protocol/console.js'
import { PosthornError } from '../protocol/errors.js'
import { parse } from '../protocol/violations.js'
import { limitBody, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { NoQuery, parseQuery } from './query.js'

/** Largest body of such a request: 4 KiB, more than any user's name takes. */
const MAX_BYTES = 4 * 1024

/** Life of a token, in seconds: 1 hour. */
const TTL_SECONDS = 60 * 60

/** What the page does as a service. */
const SCOPES: readonly Scope[] = [
  'posthorn:send',
  'posthorn:broadcast',
  'posthorn:read',
  'posthorn:users',
  'posthorn:topics',
]

/** Tokens for the asking, for the page of the console alone: `/console/tokens`, in development. */
export function tokenRoutes(http: HttpContext, mint: MintToken): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.post('/', ownPageOnly(http), async (context) => {
    await limitBody(context, MAX_BYTES)
    parseQuery(context, NoQuery)
    const parsed = parse(ConsoleTokenRequest, await readJson(context))
    if ('violations' in parsed) {
      throw new PosthornError('invalid_request', 'The body names no user and no service.', parsed)
    }
    const { token, expiresAt } = await minted(mint, parsed.value)
    context.header('cache-control', 'no-store')
    return context.json({
      token,
      expiresAt: new Date(expiresAt).toISOString(),
    } satisfies ConsoleToken)
  })
  return routes
}

/**
 * Lets by what the page of this very service sends, by what a page can't say of itself: where it is from (Fetch §3.1, and
 * Fetch Metadata where the browser knows it), and JSON, which another site can't send unasked (CORS: Fetch §2.2.2).
 */
function ownPageOnly({ origins }: HttpContext): MiddlewareHandler<RequestEnvironment> {
  const isOwn = (context: Context<RequestEnvironment>): boolean => {
    const origin = context.req.header('origin')
    const site = context.req.header('sec-fetch-site')
    const type = context.req.header('content-type') ?? ''
    return (
      origin !== undefined &&
      isLoopbackOrigin(origin, origins) &&
      (site === undefined || site === 'same-origin') &&
      /^application\/json *(?:;|$)/i.test(type)
    )
  }
  return (context, next) => {
    if (isOwn(context)) return next()
    throw new PosthornError('origin_not_allowed', "Only the console's own page is given tokens.")
  }
}

/** @throws PosthornError `insufficient_scope` where the settings leave nobody to speak for such a one */
async function minted(mint: MintToken, asked: ConsoleTokenRequest): Promise<Minted> {
  try {
    if ('user' in asked) {
      return await mint({ grant: 'user', name: asked.user, claims: {}, ttlSeconds: TTL_SECONDS })
    }
    const claims = { scope: SCOPES.join(' ') }
    return await mint({ grant: 'service', name: 'console', claims, ttlSeconds: TTL_SECONDS })
  } catch (error) {
    if (!(error instanceof MintError)) throw error
    throw new PosthornError('insufficient_scope', `${error.message}.`, { cause: error })
  }
}
