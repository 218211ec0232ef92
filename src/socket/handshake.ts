import type { IncomingMessage } from 'node:http'
import { bearerToken } from '../auth/bearer.js'
import { deviceFor } from '../auth/device.js'
import { valuesOf } from '../auth/headers.js'
import { hasOneHost, isForLoopback } from '../auth/hosts.js'
import { isOriginAllowed, type OriginRule } from '../auth/origins.js'
import { requireUser } from '../auth/principal.js'
import type { Verify } from '../auth/verify.js'
import { PosthornError } from '../protocol/errors.js'
import { parseSocketQuery, type SocketRequest } from '../protocol/socket-query.js'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../protocol/version.js'
import type { Credential } from './credential.js'

export interface HandshakeRules {
  verify: Verify
  origins: OriginRule
  /** In development only loopback host names are served. */
  loopbackHostsOnly: boolean
  allowQueryToken: boolean
}

/** A request to become a WebSocket. */
export interface Arrival {
  request: IncomingMessage
  /** What it asks for, beside the path. */
  query: URLSearchParams
  /** Where it comes from; undefined where it counts for no address. */
  address: string | undefined
}

/**
 * Reads the handshake of `GET /v1/socket` (RFC 6455 §4.2.1) as far as the protocol of ours goes, and verifies a token
 * that came in a way whose refusal the client can see as an HTTP status.
 * @throws PosthornError where the handshake is to be refused
 */
export async function readHandshake(
  arrival: Arrival,
  rules: HandshakeRules,
): Promise<{ request: SocketRequest; credential: Credential }> {
  const { request } = arrival
  if (!hasOneHost(request)) {
    throw new PosthornError('malformed_request', 'A handshake names its host, once.')
  }
  if (rules.loopbackHostsOnly && !isForLoopback(request)) {
    throw new PosthornError('host_not_allowed', 'In development: localhost, 127.0.0.1 and [::1].')
  }
  if (!isOriginAllowed(request.headers.origin, rules.origins)) {
    throw new PosthornError('origin_not_allowed', 'Pages of this origin may not connect.')
  }
  const offered = offeredSubprotocols(request)
  if (offered.length > 0 && !offered.includes(SUBPROTOCOL)) {
    throw new PosthornError('unsupported_subprotocol', `The subprotocol is ${SUBPROTOCOL}.`)
  }
  try {
    const asked = parseSocketQuery(arrival.query)
    return { request: asked, credential: await credentialOf(arrival, offered, asked, rules) }
  } catch (error) {
    if (seesStatus(arrival) || !(error instanceof PosthornError)) throw error
    return { request: NO_REQUEST, credential: { kind: 'refused', error } }
  }
}

/** What a connection asks for whose query could not be read. */
const NO_REQUEST: SocketRequest = {
  device: undefined,
  start: { kind: 'stored' },
  batch: false,
  token: undefined,
}

/** Whether the client can see why a handshake fails: a page can't, and a page can send its token in other ways only. */
export function seesStatus({ request, query }: Arrival): boolean {
  return request.headers.authorization !== undefined || query.has('access_token')
}

/** The names in `Sec-WebSocket-Protocol`, in the client's order. */
function offeredSubprotocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'] ?? ''
  return header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

async function credentialOf(
  { request, address }: Arrival,
  offered: readonly string[],
  asked: SocketRequest,
  { verify, allowQueryToken }: HandshakeRules,
): Promise<Credential> {
  const entries = offered.filter((name) => name.startsWith(BEARER_SUBPROTOCOL_PREFIX))
  const [entry] = entries
  // Of a header that came twice, `headers` has the first alone.
  const authorizations = valuesOf(request.rawHeaders, 'authorization')
  const ways = [...authorizations, ...entries, asked.token].filter((way) => way !== undefined)
  // RFC 6750 §2: one way in each request, so that nobody has to guess which one counts.
  if (ways.length > 1) {
    throw new PosthornError('multiple_credentials', 'Send the token in one way only.')
  }
  if (asked.token !== undefined && !allowQueryToken) {
    throw new PosthornError('missing_token', 'A token in the URL is not taken here.')
  }
  if (entry !== undefined) {
    return { kind: 'token', token: entry.slice(BEARER_SUBPROTOCOL_PREFIX.length) }
  }
  if (ways.length === 0) return { kind: 'none' }
  const token = asked.token ?? bearerToken(request.headers.authorization)
  const principal = requireUser(await verify(token, () => address))
  deviceFor(principal, asked.device)
  return { kind: 'principal', principal }
}
