import type { Queries } from './database.js'
import { leaseEnd } from './nodes.js'

/** Of two nodes that ask at once the second waits for the first, and then sees whose it is. */
export async function claimDuty(
  queries: Queries,
  { duty, node, forMs }: { duty: string; node: string; forMs: number },
): Promise<boolean> {
  const claimed = await queries.run(
    `INSERT INTO duties (duty, node, held_until) VALUES ($1, $2, ${leaseEnd('$3')})
     ON CONFLICT (duty) DO UPDATE SET node = excluded.node, held_until = excluded.held_until
     WHERE duties.node = excluded.node OR duties.held_until < clock_timestamp()`,
    [duty, node, forMs],
  )
  return claimed === 1
}
