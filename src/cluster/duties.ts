import type { Stopwatch } from '../inbox/clock.js'
import type { Duties, Hold } from '../inbox/duty.js'
import type { DutyStore } from '../inbox/stores/cluster.js'

/** How long a duty stays with a node that says nothing more, in milliseconds: 1 minute. */
const LEASE_MS = 60_000

/** How many renewals there are to a lease. */
const RENEWALS = 4

export interface ClusterDutiesOptions {
  store: DutyStore
  /** This node's name. */
  node: string
  stopwatch: Stopwatch
  /** Default: 1 minute. */
  leaseMs?: number
}

/** Duties by leases in the store. A lease that is not renewed is lost here before another node can take it. */
export class ClusterDuties implements Duties {
  readonly #options: Required<ClusterDutiesOptions>

  constructor(options: ClusterDutiesOptions) {
    this.#options = { leaseMs: LEASE_MS, ...options }
  }

  async take(duty: string): Promise<Hold | undefined> {
    const { store, node, stopwatch, leaseMs: forMs } = this.#options
    let until = 0
    const claim = async (): Promise<boolean> => {
      // From before it was asked for: the lease ends no earlier in the store.
      const asked = stopwatch()
      const isOurs = await store.claimDuty({ duty, node, forMs })
      until = isOurs ? asked + forMs : 0
      return isOurs
    }
    if (!(await claim())) return undefined
    // What fails is tried again, until the lease has run out.
    const renew = (): void => void claim().catch(() => undefined)
    const timer = setInterval(renew, forMs / RENEWALS)
    return {
      isLost: () => stopwatch() >= until,
      end: () => clearInterval(timer),
    }
  }
}
