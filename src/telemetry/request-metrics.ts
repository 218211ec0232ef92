import { counter, histogram, type Instruments } from './instruments.js'

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

/** The requests that were answered. */
export class RequestMetrics {
  readonly #requests
  readonly #seconds

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
    this.#requests.inc({ route, method, status: String(status) })
    this.#seconds.observe({ route, method }, milliseconds / 1_000)
  }
}
