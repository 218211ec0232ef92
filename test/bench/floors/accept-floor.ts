import { createAdaptorServer } from '@hono/node-server'
import { secretKeys } from '../../../src/auth/keys.js'
import { createVerifier } from '../../../src/auth/verify.js'
import { issuer } from '../../issuer.js'
import { createApp } from '../../../src/http/app.js'
import type { SendCommand, SendOutcome } from '../../../src/inbox/store.js'
import { InProcessWake } from '../../../src/inbox/wake.js'
import { createLog } from '../../../src/telemetry/log.js'
import { Traffic } from '../../../src/telemetry/traffic.js'
import { absentStore } from '../../absent-store.js'
import { nobodyLive } from '../../nobody-live.js'
import { nothingMeasured } from '../../nothing-measured.js'
import { readArgument } from '../child-side.js'
import { FloorOptions } from '../messages.js'
import { listen } from './listen.js'
import { nobodyRevokes, nothingRevoked } from '../../nothing-revoked.js'

// The floor of `accept`: the service's own HTTP stack over a store that answers at once, from memory. What the service
// takes beyond it is the price of keeping what was accepted.

const { secret } = FloorOptions.parse(readArgument())
const latest = new Map<string, number>()

function send({ id, target, createdAt }: SendCommand): Promise<SendOutcome> {
  if (target.kind !== 'users') throw new Error('the load sends to users by name')
  const { users } = target
  const arrivals = users.map((user) => {
    const seq = (latest.get(user) ?? 0) + 1
    latest.set(user, seq)
    return { user, seq, unread: seq, unseen: seq }
  })
  return Promise.resolve({
    kind: 'accepted',
    arrivals,
    receipt: {
      id,
      status: 'stored',
      ...(arrivals[0] && { seq: arrivals[0].seq }),
      recipients: { total: users.length, stored: users.length },
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: null,
    },
  })
}

const app = createApp({
  store: { ...absentStore, send },
  wake: new InProcessWake(),
  live: nobodyLive,
  revoker: nobodyRevokes,
  marker: { mark: () => Promise.reject(new Error('the load marks nothing')) },
  caretaker: { hurry: () => undefined },
  clock: Date.now,
  retentionMs: Infinity,
  verify: createVerifier({
    issuers: [issuer(secretKeys(secret))],
    clock: Date.now,
    revocations: nothingRevoked,
  }),
  addresses: { of: () => undefined },
  quotas: { take: () => undefined },
  log: createLog({ level: 'info', readable: false }),
  traffic: new Traffic(),
  metrics: nothingMeasured,
  origins: { allowed: new Set(), loopbackPort: undefined },
  loopbackHostsOnly: false,
  console: undefined,
  wayOut: { isAnnounced: () => false, isStopping: () => false },
})
await listen(createAdaptorServer({ fetch: app.fetch }))
