import { counter, histogram, showSum, type Instruments } from './instruments.js'

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface AnsweredRequest {
  /** The pattern that it fits, as in `openapi.yaml`; never the path, which may name a user. Undefined where it fits none. */
  route: string | undefined
  method: string
  status: number
  milliseconds: number
}

/** What was asked of one route by one method. */
interface Asked {
  labels: { route: string; method: string }
  /** Answers by their status. */
  sums: Map<number, number>
}

/** The requests that were answered. */
export class RequestMetrics {
  readonly #requests
  readonly #seconds
  /** By method and route; as many as there are routes, since a path that fits none has no name. */
  readonly #asked = new Map<string, Asked>()

  constructor(registry: Instruments) {
    this.#requests = counter(registry, {
      name: 'http_requests_total',
      help: 'Requests that were answered, by route, method and status.',
      labels: ['route', 'method', 'status'],
    })
    this.#seconds = histogram(registry, {
      name: 'http_request_seconds',
      help: 'From the head of a request to its answer, by route and method.',
      labels: ['route', 'method'],
      buckets: REQUEST_BUCKETS,
    })
  }

  answered({ route = 'none', method: given, status, milliseconds }: AnsweredRequest): void {
    const method = METHODS.has(given) ? given : 'other'
    const key = `${method} ${route}`
    let asked = this.#asked.get(key)
    if (!asked) {
      asked = { labels: { route, method }, sums: new Map() }
      this.#asked.set(key, asked)
    }
    asked.sums.set(status, (asked.sums.get(status) ?? 0) + 1)
    this.#seconds.observe(asked.labels, milliseconds / 1_000)
  }

  /** Brings what is only added up into the registry. */
  show(): void {
    for (const { labels, sums } of this.#asked.values()) {
      for (const [status, sum] of sums) {
        showSum(this.#requests, sum, { ...labels, status: String(status) })
      }
    }
  }
}
