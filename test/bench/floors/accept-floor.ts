import { createAdaptorServer } from '@hono/node-server'
import { secretKeys } from '../../../src/auth/keys.js'
import { createVerifier } from '../../../src/auth/verify.js'
import { issuer } from '../../issuer.js'
import { createApp } from '../../../src/http/app.js'
import type { SendCommand, SendOutcome, Store } from '../../../src/inbox/store.js'
import { InProcessWake } from '../../../src/inbox/wake.js'
import { createLog } from '../../../src/telemetry/log.js'
import { readArgument } from '../child-side.js'
import { FloorOptions } from '../messages.js'
import { listen } from './listen.js'

// The floor of `accept`: the service's own HTTP stack over a store that answers at once, from memory. What the service
// takes beyond it is the price of keeping what was accepted.

const { secret } = FloorOptions.parse(readArgument())
const latest = new Map<string, number>()

function send({ id, users, createdAt }: SendCommand): Promise<SendOutcome> {
  const arrivals = users.map((user) => {
    const seq = (latest.get(user) ?? 0) + 1
    latest.set(user, seq)
    return { user, seq, unread: seq, unseen: seq }
  })
  return Promise.resolve({
    kind: 'stored',
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

const absent = (): Promise<never> => Promise.reject(new Error('the floor has no store'))

const store: Store = {
  send,
  openDevice: absent,
  acknowledge: absent,
  mark: absent,
  changes: absent,
  list: absent,
  entry: absent,
  head: absent,
  latest: absent,
  notification: absent,
  deliveries: absent,
  check: absent,
  close: absent,
}

const app = createApp({
  store,
  wake: new InProcessWake(),
  marker: { mark: absent },
  clock: Date.now,
  verify: createVerifier({ issuers: [issuer(secretKeys(secret))], clock: Date.now }),
  log: createLog({ level: 'info', readable: false }),
  loopbackHostsOnly: false,
  isStopping: () => false,
})
await listen(createAdaptorServer({ fetch: app.fetch }))
