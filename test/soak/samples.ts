import { readdirSync, readFileSync, statSync } from 'node:fs'
import { get } from 'node:http'
import { cpuMilliseconds } from '../bench/cpu-time.js'

/** What a service holds at one moment, as the system sees it. */
export interface Sample {
  /** Since the service was started, in milliseconds. */
  at: number
  /** Memory that is the process's own or shared, in bytes. */
  resident: number
  /** Open files and sockets. */
  descriptors: number
  /** … beside the sockets of the crowd. */
  otherDescriptors: number
  sockets: number
  writeAheadLog: number
  database: number
  /** Processor time so far, in milliseconds. */
  cpu: number
  /** How long `GET /healthz` took, in milliseconds: what an event loop that is busy makes everybody wait. */
  healthMs: number
}

export async function takeSample(
  { pid, url, database }: { pid: number; url: string; database: string },
  { sockets, begun }: { sockets: number; begun: number },
): Promise<Sample> {
  const healthMs = await askHealth(url)
  const descriptors = readdirSync(`/proc/${pid}/fd`).length
  return {
    at: performance.now() - begun,
    resident: residentBytes(pid),
    descriptors,
    otherDescriptors: descriptors - sockets,
    sockets,
    writeAheadLog: sizeOf(`${database}-wal`),
    database: sizeOf(database),
    cpu: cpuMilliseconds(pid) ?? 0,
    healthMs,
  }
}

/**
 * Over a connection of its own: one that is kept may be closed by the service just as it is used again. One that is broken off
 * took as long as that.
 */
async function askHealth(url: string): Promise<number> {
  const asked = performance.now()
  await new Promise<void>((resolve) => {
    get(new URL('/healthz', url), { agent: false }, (response) => {
      response.resume().on('close', resolve)
    }).on('error', () => resolve())
  })
  return performance.now() - asked
}

/** By `/proc/<pid>/status` (proc_pid_status(5)). */
function residentBytes(pid: number): number {
  const [, kibibytes = '0'] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/**
 * How many files this process and those that it starts may open: Node raises its own bound to the most that it is allowed.
 */
export function mostDescriptors(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const [, most = 'unlimited'] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? []
  return most === 'unlimited' ? Infinity : Number(most)
}
