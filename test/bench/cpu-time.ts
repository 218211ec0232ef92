import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** The unit of `/proc/<pid>/stat` on every Linux that Node runs on: USER_HZ is 100 (proc_pid_stat(5)). */
const MILLISECONDS_PER_TICK = 10

/**
 * The processor time that a process has used so far, all its threads together, in milliseconds; undefined where the
 * system has no `/proc`.
 */
export function cpuMilliseconds(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, which may hold anything: the third begins after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, the 14th and 15th.
  return (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_PER_TICK
}

/** The same, with all that its children use and those have used that have ended: PostgreSQL has a process for each connection. */
export function cpuMillisecondsOfFamily(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  let ticks = 0
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(name)
    // ppid, the 4th; utime, stime, cutime and cstime, the 14th to the 17th.
    if (Number(name) === pid) ticks += sumOf(fields.slice(11, 15))
    else if (Number(fields[1]) === pid) ticks += sumOf(fields.slice(11, 13))
  }
  return ticks * MILLISECONDS_PER_TICK
}

function sumOf(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Number(field), 0)
}

/** The fields of a process from the third on; none where it has ended. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/**
 * Watches how much of the machine goes to processes other than these and this one. The function that it returns says
 * how many processors they have kept busy since, where that can be read: a service of several threads suffers more
 * from them than a floor of one, so that a round beside them tells little.
 */
export function watchOthers(pids: readonly (number | undefined)[]): () => number | undefined {
  const begun = performance.now()
  const before = othersMilliseconds(pids)
  return () => {
    const after = othersMilliseconds(pids)
    if (before === undefined || after === undefined) return undefined
    // Ticks are coarse: the difference of two sums may fall a little under nothing.
    return Math.max(0, (after - before) / (performance.now() - begun))
  }
}

function othersMilliseconds(pids: readonly (number | undefined)[]): number | undefined {
  let others = 0
  for (const { times } of cpus()) others += times.user + times.nice + times.sys + times.irq
  for (const pid of new Set([process.pid, ...pids])) {
    const own = cpuMilliseconds(pid)
    if (own === undefined) return undefined
    others -= own
  }
  return others
}
