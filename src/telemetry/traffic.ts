import { Registry } from 'prom-client'
import { counter, histogram, showSum, type Instruments } from './instruments.js'

/** What has gone through a service since it started. */
export interface TrafficSums {
  /** Notifications that were accepted: once each, whomever they reach, scheduled ones before they are due. */
  accepted: number
  /** Entries handed to sockets, once for each connection that one was handed to. */
  sent: number
  /** Of those that were sent, the ones that were replayed. */
  replayed: number
  /** Of those that were sent, the ones that an acknowledgement on their connection has covered. */
  acknowledged: number
}

/** From a millisecond, which is as exact as the clock tells, to the minute after which a full window ends its connection. */
const DELAY_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

/** Counts what goes through a service; it is asked on every notification, so that it only adds. */
export class Traffic {
  readonly #sums: TrafficSums = { accepted: 0, sent: 0, replayed: 0, acknowledged: 0 }
  readonly #shown
  readonly #gaps
  readonly #windowsFilled
  readonly #sentAfter
  readonly #acknowledgedAfter

  constructor(registry: Instruments = new Registry()) {
    this.#shown = {
      accepted: counter(registry, {
        name: 'notifications_accepted_total',
        help: 'Notifications that were accepted: once each, whomever they reach.',
      }),
      live: counter(registry, {
        name: 'entries_sent_total',
        help: 'Entries handed to sockets, once for each connection, by how: live or replayed.',
        labels: ['how'],
      }),
      acknowledged: counter(registry, {
        name: 'entries_acknowledged_total',
        help: 'Entries that were sent and that an acknowledgement on their connection has covered.',
      }),
    }
    this.#gaps = counter(registry, {
      name: 'gaps_sent_total',
      help: 'Gaps told to sockets, by their reason.',
      labels: ['reason'],
    })
    this.#windowsFilled = counter(registry, {
      name: 'windows_filled_total',
      help: 'Times that a connection had as many unacknowledged entries as it may.',
    })
    this.#sentAfter = histogram(registry, {
      name: 'accept_to_sent_seconds',
      help: 'From the acceptance of a live entry, or the step that wrote it, to its handing to a socket that had room.',
      buckets: DELAY_BUCKETS,
    })
    this.#acknowledgedAfter = histogram(registry, {
      name: 'accept_to_acknowledged_seconds',
      help: 'From the acceptance of a live entry, or the step that wrote it, to its acknowledgement on a connection.',
      buckets: DELAY_BUCKETS,
    })
    for (const reason of ['epoch', 'retention']) this.#gaps.inc({ reason }, 0)
  }

  get sums(): Readonly<TrafficSums> {
    return this.#sums
  }

  /** A notification was accepted, and not as the repetition of another. */
  accepted(): void {
    this.#sums.accepted += 1
  }

  /** An entry was handed to a socket. */
  sent(how: 'replayed' | 'live'): void {
    this.#sums.sent += 1
    if (how === 'replayed') this.#sums.replayed += 1
  }

  /** One that was sent live did not have to wait for its reader: so many milliseconds after its acceptance. */
  sentAfter(milliseconds: number): void {
    this.#sentAfter.observe(seconds(milliseconds))
  }

  /** An acknowledgement has covered so many entries that were sent and waited for it. */
  acknowledged(entries: number): void {
    this.#sums.acknowledged += entries
  }

  /** One of those that were sent live, so many milliseconds after its acceptance. */
  acknowledgedAfter(milliseconds: number): void {
    this.#acknowledgedAfter.observe(seconds(milliseconds))
  }

  /** A connection was told of a gap. */
  gap(reason: 'epoch' | 'retention'): void {
    this.#gaps.inc({ reason })
  }

  /** A connection has as many unacknowledged entries as it may. */
  windowFilled(): void {
    this.#windowsFilled.inc()
  }

  /** Brings what is only added up into the registry. */
  show(): void {
    const { accepted, sent, replayed, acknowledged } = this.#sums
    showSum(this.#shown.accepted, accepted)
    showSum(this.#shown.live, sent - replayed, { how: 'live' })
    showSum(this.#shown.live, replayed, { how: 'replayed' })
    showSum(this.#shown.acknowledged, acknowledged)
  }
}

/** A clock that was set back meanwhile must not take from a sum. */
function seconds(milliseconds: number): number {
  return Math.max(0, milliseconds) / 1_000
}
