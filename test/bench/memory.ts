import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from './child.js'
import { Listening, Ready, type LoadOptions } from './messages.js'
import { median, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'

const DEVICES = 10_000
const COLLECT_GARBAGE = new URL('collect-garbage.mjs', import.meta.url)

/** Between two looks, in milliseconds, and how many there are at most until a server's memory stays as it is. */
const LOOK_MS = 500
const LOOKS = 20
/** What counts as the same, in bytes. */
const SAME = 256 * 1024

/**
 * `memory`: bytes of the server that an idle device takes, of 10,000 that are connected and have caught up. Each round has fresh
 * processes, whose resident memory is read before the devices come and while they are there, each time after the garbage is gone.
 */
export async function memory({ effort, progress }: ScenarioContext): Promise<ScenarioResult> {
  const rounds: { service: number; floor: number }[] = []
  const devices = Math.min(DEVICES, effort.devices)
  for (let index = 0; index < effort.rounds; index++) {
    const round = {
      service: await measure(serve, devices),
      floor: await measure(serveFloor, devices),
    }
    rounds.push(round)
    progress(
      `  round ${index + 1}: ${Math.round(round.service)} bytes each, floor ${Math.round(round.floor)}`,
    )
  }
  const [service, floor] = [rounds.map((each) => each.service), rounds.map((each) => each.floor)]
  return {
    name: 'memory',
    operation: `one of ${devices} idle devices, authenticated and caught up; floor: a bare WebSocket, its token checked`,
    unit: 'bytes',
    goal: 1.6,
    alarm: undefined,
    service: medianOf(service),
    floor: medianOf(floor),
    ratio: median(rounds.map((each) => each.service / each.floor)),
    syncMs: undefined,
    others: undefined,
    violations: [],
  }
}

function medianOf(bytes: readonly number[]) {
  return { value: median(bytes), cpuMicroseconds: undefined, latency: undefined }
}

type Serve = (folder: TemporaryFolder, secret: string) => Promise<{ child: Child; url: string }>

const serve: Serve = (folder, secret) => startService(folder, secret, { preload: COLLECT_GARBAGE })

const serveFloor: Serve = async (_folder, secret) => {
  const child = Child.fork('floors/replay-floor.ts', { secret }, { preload: COLLECT_GARBAGE })
  return { child, url: (await child.next(Listening)).url }
}

/** Bytes of a server that one device takes. */
async function measure(start: Serve, devices: number): Promise<number> {
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const { child, url } = await start(folder, secret)
  await using server = child
  const before = await settledBytes(server)
  const options: LoadOptions = { url, secret, users: devices, connections: 0 }
  await using load = Child.fork('load/idle-load.ts', options)
  await load.next(Ready)
  return ((await settledBytes(server)) - before) / devices
}

/** Resident memory, once it stays as it is. */
async function settledBytes(server: Child): Promise<number> {
  let last = Infinity
  for (let look = 0; look < LOOKS; look++) {
    server.signal('SIGUSR2')
    await wait(LOOK_MS)
    const bytes = residentBytes(server.pid)
    if (Math.abs(bytes - last) < SAME) return bytes
    last = bytes
  }
  return last
}

/** VmRSS (proc_pid_status(5)). */
function residentBytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
