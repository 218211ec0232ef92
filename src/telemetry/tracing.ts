import type { Log } from './log.js'
import type { TracingSettings } from './tracing-settings.js'

/**
 * Follows notifications from the request that brings them to the acknowledgements of the devices that have them. Whoever is
 * given none, since it is off, does nothing at all.
 */
export interface Tracing {
  /** A request to send begins; undefined where its trace is not sampled. */
  request: (request: TracedRequest) => RequestTrace | undefined
  /** An entry was handed to a socket; undefined where nobody follows its notification. */
  sent: (entry: SentEntry) => SentTrace | undefined
  /** Exports what is left, in at most 1.5 s, and ends; idempotent. */
  close: () => Promise<void>
}

export interface TracedRequest {
  method: string
  /** The pattern of its path, never the path itself, which may name a user. */
  route: string
  requestId: string
  /** W3C Trace Context, https://www.w3.org/TR/trace-context/: as the headers came; what is malformed is ignored. */
  traceparent: string | undefined
  tracestate: string | undefined
}

/** What the store's answer to a send is. */
export type SendAnswer = 'accepted' | 'replayed' | 'key_reused' | 'failed'

export interface RequestTrace {
  /**
   * The store is asked to commit a notification, or sockets are given one that is stored nowhere. Gives what is to be told the
   * answer; undefined where the request has so many that this one is not followed.
   */
  asked: (
    notification: string,
    what: 'commit' | 'deliver',
  ) => ((answer: SendAnswer) => void) | undefined
  /** The request was answered with this status. */
  end: (status: number) => void
}

export interface SentEntry {
  notification: string
  connection: string
  seq: number
  /** Whether it stood in the log before the connection was welcomed. */
  replayed: boolean
}

export interface SentTrace {
  /** The device has acknowledged it. */
  acknowledged: () => void
  /** The connection is over; nobody knows whether the device has it. */
  lost: () => void
}

/** What is off loads nothing: OpenTelemetry's modules are read where there are settings. */
export async function openTracing(
  settings: TracingSettings | undefined,
  log: Log,
): Promise<Tracing | undefined> {
  if (!settings) return undefined
  const { exportTraces } = await import('./otlp.js')
  return exportTraces(settings, log)
}
