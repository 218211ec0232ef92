import { readdir, readFile } from 'node:fs/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Counter, Gauge } from 'prom-client'
import { counter, gauge, showSum, type Instruments } from './instruments.js'

/** How often the delay is looked at, in milliseconds; what is shorter goes unseen. */
const RESOLUTION_MS = 10

/** What was measured is shown to all who ask within so many milliseconds, before it begins anew. */
const WINDOW_MS = 10_000

/**
 * What the process costs, and whether its event loop keeps up. The names of the first kind are those that Prometheus gives every
 * process (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). prom-client's own leave what they
 * measure with running, for good, where a service of several in a process ends. Owns the monitor of the delay.
 */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #cpu
  readonly #memory
  readonly #heap
  readonly #openFiles
  readonly #maxFiles
  readonly #loopDelay
  readonly #loopActive
  readonly #stopwatch: () => number
  #begunAt = 0

  constructor(registry: Instruments, stopwatch: () => number) {
    const registers = [registry]
    this.#stopwatch = stopwatch
    this.#cpu = new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time, of user and system.',
      registers,
    })
    this.#memory = new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Memory that the process holds.',
      registers,
    })
    this.#heap = new Gauge({
      name: 'nodejs_heap_size_used_bytes',
      help: 'Memory that JavaScript uses in the thread of the event loop.',
      registers,
    })
    this.#openFiles = new Gauge({
      name: 'process_open_fds',
      help: 'Open file descriptors: sockets most of all.',
      registers,
    })
    this.#maxFiles = new Gauge({
      name: 'process_max_fds',
      help: 'File descriptors that the process may have.',
      registers,
    })
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the process began, since 1970.',
      registers,
    }).set(Math.floor(performance.timeOrigin / 1_000))
    this.#loopDelay = gauge(registry, {
      name: 'event_loop_delay_seconds',
      help: 'How late the event loop came to its work, over the last reading or 10 s: percentiles, 100 is the worst.',
      labels: ['percentile'],
    })
    this.#loopActive = counter(registry, {
      name: 'event_loop_active_seconds_total',
      help: 'Time in which the event loop was at work.',
    })
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.#begunAt = this.#stopwatch()
    this.#delay.enable()
  }

  async show(): Promise<void> {
    const { user, system } = process.cpuUsage()
    showSum(this.#cpu, (user + system) / 1_000_000)
    const { rss, heapUsed } = process.memoryUsage()
    this.#memory.set(rss)
    this.#heap.set(heapUsed)
    showSum(this.#loopActive, performance.eventLoopUtilization().active / 1_000)
    this.#showDelay()
    await this.#showFiles()
  }

  close(): void {
    this.#delay.disable()
  }

  #showDelay(): void {
    for (const percent of [50, 99, 100]) {
      // The monitor tells how long it was from one look to the next, in nanoseconds.
      const lateMs = this.#delay.percentile(percent) / 1_000_000 - RESOLUTION_MS
      this.#loopDelay.set({ percentile: String(percent) }, Math.max(0, lateMs) / 1_000)
    }
    const now = this.#stopwatch()
    if (now - this.#begunAt < WINDOW_MS) return
    this.#begunAt = now
    this.#delay.reset()
  }

  /** Where the system doesn't tell (no /proc), nothing is shown. */
  async #showFiles(): Promise<void> {
    try {
      const [open, limits] = await Promise.all([
        readdir('/proc/self/fd'),
        readFile('/proc/self/limits', 'utf8'),
      ])
      this.#openFiles.set(open.length)
      const max = /^Max open files +(\d+)/m.exec(limits)?.[1]
      if (max !== undefined) this.#maxFiles.set(Number(max))
    } catch {
      this.#openFiles.remove()
      this.#maxFiles.remove()
    }
  }
}
