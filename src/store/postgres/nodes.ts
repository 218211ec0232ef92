import type { Queries, Reads } from './database.js'

/** When a lease ends that begins now; the database's clock is the one that all nodes share. */
export const leaseEnd = (milliseconds: string): string =>
  `clock_timestamp() + ${milliseconds}::double precision * interval '1 millisecond'`

export async function beginLife(
  queries: Queries,
  { life, leaseMs }: { life: string; leaseMs: number },
): Promise<void> {
  await queries.run(`INSERT INTO nodes (life, alive_until) VALUES ($1, ${leaseEnd('$2')})`, [
    life,
    leaseMs,
  ])
}

/** False where the life is over: it has no row, or is marked. Its row stays locked until the transaction ends. */
export async function renewLife(
  queries: Queries,
  { life, leaseMs, total }: { life: string; leaseMs: number; total: number },
): Promise<boolean> {
  const renewed = await queries.run(
    `UPDATE nodes SET alive_until = ${leaseEnd('$2')}, connections = $3
     WHERE life = $1 AND NOT is_over`,
    [life, leaseMs, total],
  )
  return renewed === 1
}

export async function endLife(queries: Queries, { life }: { life: string }): Promise<void> {
  await queries.run('UPDATE nodes SET is_over = true WHERE life = $1', [life])
}

/**
 * Ends the lives whose lease has run out, for good: part of what they have told may soon be gone. One that is being renewed at this
 * moment goes on.
 */
export async function endLapsed(queries: Queries): Promise<void> {
  await queries.run(
    `UPDATE nodes SET is_over = true WHERE life IN (
       SELECT life FROM nodes WHERE NOT is_over AND alive_until < clock_timestamp()
       FOR UPDATE SKIP LOCKED
     )`,
  )
}

/** How many lives go on. */
export async function livingNodes(queries: Reads): Promise<number> {
  const [counted] = await queries.query<{ nodes: number }>(
    `SELECT count(*) AS nodes FROM nodes WHERE NOT is_over AND alive_until > clock_timestamp()`,
  )
  return counted?.nodes ?? 0
}
