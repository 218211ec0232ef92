import type { Peer, PeerEvents, Peers } from './peers.js'

// What of the browser is used here and Node's types don't have.
interface LockOptions {
  signal?: AbortSignal
  steal?: boolean
}
declare const navigator:
  | {
      locks?: {
        request(name: string, options: LockOptions, held: () => Promise<void>): Promise<void>
        query(): Promise<unknown>
      }
    }
  | undefined
interface Channel {
  postMessage(message: unknown): void
  addEventListener(name: 'message', listener: (event: { data: unknown }) => void): void
  close(): void
}
declare const BroadcastChannel: (new (name: string) => Channel) | undefined

type Locks = NonNullable<NonNullable<typeof navigator>['locks']>

/**
 * Tabs of one origin: who holds the lock of a name leads, and the browser frees it when a tab ends, crashes too. Undefined
 * where the browser gives no locks, as over plain HTTP.
 */
export function tabs(): Peers | undefined {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  const Channel = typeof BroadcastChannel === 'undefined' ? undefined : BroadcastChannel
  if (!locks || !Channel) return undefined
  return {
    join(name, events) {
      const channel = openChannel(Channel, name)
      return channel && new Tab(name, events, locks, channel)
    },
  }
}

/** Undefined where the browser refuses one, as some do to a page that may keep nothing. */
function openChannel(Channel: new (name: string) => Channel, name: string): Channel | undefined {
  try {
    return new Channel(name)
  } catch {
    return undefined
  }
}

/** Does what no other tab is to do at the same time, such as to make what all of them keep; at once where there are no locks. */
export function alone<Value>(name: string, act: () => Promise<Value>): Promise<Value> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  if (!locks) return act()
  return new Promise((resolve, reject) => {
    const isDone = locks.request(name, {}, () => act().then(resolve, reject))
    // A page of an opaque origin may ask for no lock.
    isDone.catch(() => act().then(resolve, reject))
  })
}

/** One wait for the lock, and the time for which it is held. */
interface Claim {
  /** Ends the wait; what steals the lock can't be told so. */
  abort: AbortController | undefined
  /** Gives the lock back, where it is held. */
  release: (() => void) | undefined
}

class Tab implements Peer {
  readonly #name: string
  readonly #events: PeerEvents
  readonly #locks: Locks
  readonly #channel: Channel
  /** The one that counts; what an earlier one comes to is of no use. */
  #claim: Claim | undefined

  constructor(name: string, events: PeerEvents, locks: Locks, channel: Channel) {
    this.#name = name
    this.#events = events
    this.#locks = locks
    this.#channel = channel
    channel.addEventListener('message', ({ data }) => {
      if (this.#claim) events.heard(data)
    })
    this.#queue()
  }

  tell(message: unknown): void {
    if (this.#claim) this.#channel.postMessage(message)
  }

  seize(): void {
    if (this.#claim?.release) return this.#events.elected()
    if (!this.#claim) return
    this.#claim.abort?.abort()
    void this.#request({ abort: undefined, release: undefined })
  }

  leave(): void {
    const { abort, release } = this.#claim ?? {}
    this.#claim = undefined
    abort?.abort()
    release?.()
    this.#channel.close()
  }

  #queue(): void {
    void this.#request({ abort: new AbortController(), release: undefined })
  }

  async #request(claim: Claim): Promise<void> {
    this.#claim = claim
    const { abort } = claim
    try {
      await this.#locks.request(
        this.#name,
        abort ? { signal: abort.signal } : { steal: true },
        () => this.#hold(claim),
      )
    } catch {
      if (this.#claim !== claim) return
      if (!claim.release) {
        // A page that may ask for no lock shares nothing.
        this.#events.elected()
        return
      }
      // It was stolen.
      this.#queue()
      this.#events.deposed()
    }
  }

  async #hold(claim: Claim): Promise<void> {
    if (this.#claim !== claim) return
    const released = new Promise<void>((resolve) => (claim.release = resolve))
    // A page that was frozen may be given a lock that is stolen by now: that it would be told before this is answered.
    await this.#locks.query()
    if (this.#claim !== claim) return
    this.#events.elected()
    await released
  }
}
