import { FailedAttempts } from './auth/failed-attempts.js'
import { OpenIssuers } from './auth/open-issuers.js'
import { Quotas } from './auth/quotas.js'
import type { KeyTimes } from './auth/remote-keys.js'
import { Revocations } from './auth/revocations.js'
import { sharedCounters } from './auth/shared-allowance.js'
import { createVerifier, type Verify } from './auth/verify.js'
import type { Config } from './config.js'
import { Addresses } from './http/addresses.js'
import type { Clock, Stopwatch } from './inbox/clock.js'
import type { LiveConnections } from './inbox/live.js'
import { Revoker } from './inbox/revoker.js'
import type { Store } from './inbox/store.js'
import type { NewsStore } from './inbox/stores/cluster.js'
import type { Log } from './telemetry/log.js'

/** The other nodes, as far as callers are concerned. */
interface Others {
  store: NewsStore
  /** The connections of this node. */
  local: Pick<LiveConnections, 'endRevoked'>
  counters: { client: object; prefix: string } | undefined
}

export interface CallersOptions {
  issuers: OpenIssuers
  store: Store
  live: LiveConnections
  /** What other nodes revoke, and where all of them count; undefined where there are none. */
  others: Others | undefined
  clock: Clock
  log: Log
}

/** Who may call, from where, and how often. */
export interface Callers {
  verify: Verify
  revocations: Revocations
  revoker: Revoker
  addresses: Addresses
  quotas: Quotas
}

/** The issuers of tokens; their keys are fetched when they are prepared. */
export function openIssuers(
  { issuers }: Config,
  {
    log,
    stopwatch,
    keyTimes,
  }: { log: Log; stopwatch: Stopwatch; keyTimes: Partial<KeyTimes> | undefined },
): OpenIssuers {
  return new OpenIssuers(issuers, {
    stopwatch,
    times: keyTimes,
    report: ({ kind, ...event }) => {
      if (kind === 'fetched') log.info(event, 'keys fetched')
      else log.warn(event, 'keys could not be fetched')
    },
  })
}

/** Settles who may call; what was revoked before is known when it resolves. */
export async function settleCallers(
  config: Config,
  { issuers, store, live, others, clock, log }: CallersOptions,
): Promise<Callers> {
  const revocations = new Revocations()
  const revoker = new Revoker({ store, revoked: revocations, live, others })
  await revoker.load()
  const { addressFailuresPerMinute: failures } = config
  const attempts =
    failures === undefined
      ? undefined
      : new FailedAttempts(failures, (address) =>
          log.warn({ address }, 'too many tokens from this address were refused'),
        )
  return {
    verify: createVerifier({ issuers: issuers.all, clock, revocations, attempts }),
    revocations,
    revoker,
    addresses: new Addresses(config.trustedProxies),
    quotas: new Quotas(config, others?.counters && sharedCounters(others.counters)),
  }
}
