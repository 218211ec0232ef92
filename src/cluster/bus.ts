/**
 * Where a text goes: a number, to the nodes that have users of this part; `all`, to every node. Users are spread over a bus's
 * channels by `bucketOf`.
 */
export type Channel = number | 'all'

/**
 * Carries short texts between the nodes of a cluster. It may lose, double, delay or reorder them, and never makes its caller
 * wait: what matters is in the store, and what comes over the bus says when to look there.
 */
export interface Bus {
  /** Channels 0 to this, exclusively: 1 where every node hears everything anyway. */
  readonly channels: number
  /** Most bytes (UTF-8) of a text; longer ones are refused. */
  readonly maxBytes: number
  readonly figures: BusFigures
  /** Begins to connect, and keeps trying; called once. */
  start(events: BusEvents): void
  /** Sends it as soon as that can be done; while the bus is away it waits, and gives way to newer ones. Never throws. */
  publish(channel: Channel, text: string): void
  /** Takes what comes on a channel from now on, beside `all`; `resumed` tells when that is so. */
  listen(channel: number): void
  unlisten(channel: number): void
  /** Ends every connection; idempotent. What waits is lost. */
  close(): Promise<void>
}

/** What a bus tells; none of these may throw. */
export interface BusEvents {
  message(channel: Channel, text: string): void
  /** Texts may have been lost on this channel until now; on all of them where undefined. */
  resumed(channel: Channel | undefined): void
  /** What was to go out on these was dropped; the bus takes more now. */
  dropped(channels: ReadonlySet<Channel>): void
  /** It does not get through; told again only after it was better. */
  interrupted(error: unknown): void
}

/** What operators are told of a bus. */
export interface BusFigures {
  /** Whether it can be heard and spoken to now. */
  isConnected: boolean
  /** Texts since it was started. */
  published: number
  received: number
  dropped: number
  /** Texts that wait to go out. */
  waiting: number
}
