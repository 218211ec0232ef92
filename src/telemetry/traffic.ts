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

/** Counts what goes through a service; it is asked on every notification, so that it only adds. */
export class Traffic {
  readonly #sums: TrafficSums = { accepted: 0, sent: 0, replayed: 0, acknowledged: 0 }

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

  /** An acknowledgement has covered so many entries that were sent and waited for it. */
  acknowledged(entries: number): void {
    this.#sums.acknowledged += entries
  }
}
