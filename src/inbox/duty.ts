/** What one node at a time does for all. */
export interface Duties {
  /** Takes a duty; undefined where another node has it. */
  take(duty: string): Promise<Hold | undefined>
}

/** A duty that this node has. */
export interface Hold {
  /** Whether another node may have it by now. */
  isLost(): boolean
  /** Renews it no more; until its lease ends nobody else has it either. Idempotent. */
  end(): void
}
