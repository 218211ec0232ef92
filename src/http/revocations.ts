import { Hono } from 'hono'
import { requireService } from '../auth/principal.js'
import { hashOfName } from '../auth/revocations.js'
import { CLOCK_TOLERANCE_SECONDS } from '../auth/verify.js'
import type { Revocation } from '../inbox/stores/revocations.js'
import { parseRevocation, type RevokedTokens } from '../protocol/revocation.js'
import { audited, noteTarget, type AuditTarget } from './audit.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { NoQuery, parseQuery } from './query.js'

/** A token that was revoked is remembered for at least this long: a day. */
const LEAST_MS = 24 * 60 * 60 * 1_000

/** `/v1/revocations`: tokens that are to be believed no more. */
export function revocationRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.post('/', audited('tokens.revoke'), async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    requireService(context.get('principal'), 'posthorn:users')
    parseQuery(context, NoQuery)
    const revoked = parseRevocation(await readJson(context), http.clock())
    noteTarget(context, targetOf(revoked))
    const user = revoked.kind === 'user' ? revoked.user : undefined
    await http.revoker.revoke(toRevocation(revoked, http.clock()), user)
    return context.body(null, 204)
  })
  return routes
}

function targetOf(revoked: RevokedTokens): AuditTarget {
  if (revoked.kind === 'token') return { token: revoked.jti }
  const { user, issuedBefore } = revoked
  return { user, issuedBefore: new Date(issuedBefore).toISOString() }
}

function toRevocation(revoked: RevokedTokens, now: number): Revocation {
  switch (revoked.kind) {
    case 'token': {
      const { kind, jti, expiresAt } = revoked
      // A token is believed a while longer than it says; and an `exp` that is not the token's own must not bring it back at once.
      const time = Math.max(expiresAt + CLOCK_TOLERANCE_SECONDS * 1_000, now + LEAST_MS)
      return { kind, name: hashOfName(kind, jti), time }
    }
    case 'user': {
      const { kind, user, issuedBefore } = revoked
      return { kind, name: hashOfName(kind, user), time: issuedBefore }
    }
  }
}
