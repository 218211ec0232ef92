/**
 * Other tabs of the same application, of which one leads: what a browser gives by a lock and a channel. What one tells reaches all
 * others that live, in the order in which it was told.
 */
export interface Peers {
  /** Joins those of this name; no event comes before it returns. Undefined where this one may tell nothing to others. */
  join(name: string, events: PeerEvents): Peer | undefined
}

export interface PeerEvents {
  /** This one leads, until it leaves, or another seizes the lead; never comes for a lead that is lost already. */
  elected(): void
  /** Another has seized the lead; this one waits for its turn again. */
  deposed(): void
  /** Another has told something, which may be anything: it may be of another version. */
  heard(message: unknown): void
}

export interface Peer {
  tell(message: unknown): void
  /** Takes the lead from one that doesn't answer; `elected` follows, for one that has it already too. */
  seize(): void
  /** Gives up the lead, or the wait for it. No event comes any more. */
  leave(): void
}
