import { readFileSync } from 'node:fs'

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
