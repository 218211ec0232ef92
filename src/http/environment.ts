import type { HttpBindings } from '@hono/node-server'
import type { MintToken } from '../auth/mint.js'
import type { AuditNote } from './audit.js'
import type { OriginRule } from '../auth/origins.js'
import type { Quota, Quotas } from '../auth/quotas.js'
import type { Verify } from '../auth/verify.js'
import type { Principal } from '../auth/principal.js'
import type { Addresses } from './addresses.js'
import type { Clock } from '../inbox/clock.js'
import type { LiveConnections } from '../inbox/live.js'
import type { Caretaker } from '../inbox/caretaker.js'
import type { Marker } from '../inbox/marker.js'
import type { Revoker } from '../inbox/revoker.js'
import type { Store } from '../inbox/store.js'
import type { Wake } from '../inbox/wake.js'
import type { Log } from '../telemetry/log.js'
import type { Metrics } from '../telemetry/metrics.js'
import type { RequestTrace, Tracing } from '../telemetry/tracing.js'
import type { Traffic } from '../telemetry/traffic.js'

/** What the routes are given. */
export interface HttpContext {
  store: Store
  wake: Wake
  marker: Pick<Marker, 'mark'>
  caretaker: Pick<Caretaker, 'hurry'>
  live: LiveConnections
  revoker: Pick<Revoker, 'revoke'>
  clock: Clock
  /** How long what became of a notification is told, in milliseconds. */
  retentionMs: number
  verify: Verify
  /** Where requests come from. */
  addresses: Pick<Addresses, 'of'>
  /** How many of them each caller may make. */
  quotas: Pick<Quotas, 'take'>
  log: Log
  traffic: Pick<Traffic, 'accepted' | 'sums'>
  metrics: Pick<Metrics, 'read' | 'contentType'> & {
    requests: Pick<Metrics['requests'], 'answered'>
    connections: Pick<Metrics['connections'], 'refused'>
  }
  /** Follows sends; undefined where nobody does. */
  tracing?: Pick<Tracing, 'request'> | undefined
  /** Whose pages may read answers to their users. */
  origins: OriginRule
  /** In development only loopback host names are served. */
  loopbackHostsOnly: boolean
  /** The console, where it is on; with `mint`, its page is given tokens for the asking. */
  console: { mint: MintToken | undefined } | undefined
  /** Whether the service is on its way out, and from when on it takes nothing new. */
  wayOut: { isAnnounced: () => boolean; isStopping: () => boolean }
}

/** What a request carries through its handlers. */
export interface RequestEnvironment {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** Set by `authenticate`, so in every handler behind it. */
    principal: Principal
    /** What is written down when the request has its answer. */
    notes: AuditNote[] | undefined
    /** The body, where it was read already: to be counted. */
    body: Buffer | undefined
    /** What the caller has left of its requests, where they are limited and it is to know. */
    quota: Quota | undefined
    /** Set where this request to send is followed. */
    trace: RequestTrace | undefined
  }
}
