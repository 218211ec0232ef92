import type { FailedWhy, Status } from '../client/status.js'
import type { Texts } from './texts.js'

/** What the panel says of the connection. */
export interface StatusWords {
  text: string
  /** `busy` is on its way, `off` is not. */
  kind: 'busy' | 'off'
}

/** Undefined where there is nothing to say: the connection is live. */
export function statusWords(
  status: Status | undefined,
  context: { texts: Texts; now: number; wasOpen: boolean },
): StatusWords | undefined {
  const { texts, now, wasOpen } = context
  if (!status) return { text: texts.noInbox, kind: 'off' }
  switch (status.state) {
    case 'connecting': {
      const isFirst = status.attempt === 1 && !wasOpen
      return { text: isFirst ? texts.connecting : texts.reconnecting, kind: 'busy' }
    }
    case 'open':
      return status.phase === 'live' ? undefined : { text: texts.catchingUp, kind: 'busy' }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((status.retryAt - now) / 1_000))
      return { text: texts[waitingFor(status.why)](seconds), kind: 'off' }
    }
    case 'closed':
      return { text: texts.closed(status.why), kind: 'off' }
  }
}

/** Closes of a service that goes away, fails or has too much to do (the contract's table of close codes). */
const UNAVAILABLE = new Set([1001, 1011, 1012, 1013])

function waitingFor(why: FailedWhy | undefined): 'offline' | 'unavailable' | 'signInFailed' {
  if (!why || why.code === 4401) return 'signInFailed'
  return UNAVAILABLE.has(why.code) ? 'unavailable' : 'offline'
}

/** What is said, once, of a change that matters to who is at the list; the seconds that go by are not said. */
export function statusNews(
  status: Status,
  before: Status,
  context: { texts: Texts; wasOpen: boolean },
): string | undefined {
  const { texts, wasOpen } = context
  if (status.state === 'closed') return texts.closed(status.why)
  if (before.state === 'open' && status.state !== 'open') return texts.connectionLost
  if (before.state !== 'open' && status.state === 'open' && wasOpen) return texts.connected
  return undefined
}
