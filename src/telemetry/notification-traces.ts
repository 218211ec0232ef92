import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import type {
  RequestTrace,
  SendAnswer,
  SentEntry,
  SentTrace,
  TracedRequest,
  Tracing,
} from './tracing.js'

/** How long a notification is followed after it was accepted, in milliseconds: 5 minutes. */
const FOLLOWED_MS = 5 * 60_000

/** Notifications that are followed at once; of more, the oldest go. */
const MAX_FOLLOWED = 10_000

/** Notifications of one request, and sockets of one notification, that are followed: a trace is an example, no statistic. */
const MAX_COMMITS = 20
const MAX_SENDS = 20

/** Entries whose acknowledgement is awaited at once; of more, the oldest are given up. */
const MAX_AWAITED = 5_000

/** Names of attributes: ids that the log has too, never a user, a token or anything of the content. */
const NOTIFICATION = 'posthorn.notification'
const CONNECTION = 'posthorn.connection'

interface Followed {
  commit: Context
  /** When the store had answered, in milliseconds since 1970; undefined until then. */
  acceptedAt: number | undefined
  /** By the stopwatch. */
  until: number
  sends: number
}

export interface NotificationTracesOptions {
  tracer: Tracer
  /** Milliseconds that only go forward. */
  stopwatch: () => number
}

/**
 * The spans of a notification, each the parent of the next: the request, the store's commit, and for each socket that is handed
 * the entry `send`, from the commit until then, and `ack`, from then to the device's acknowledgement. What a socket sends is
 * found by the notification's id, in memory alone: what is replayed after a restart, or long after, is in no trace.
 */
export class NotificationTraces implements Omit<Tracing, 'close'> {
  readonly #tracer: Tracer
  readonly #stopwatch: () => number
  readonly #propagator = new W3CTraceContextPropagator()
  /** By notification, the oldest first: all are followed equally long. */
  readonly #followed = new Map<string, Followed>()
  /** The oldest first. */
  readonly #awaited = new Set<SentTrace>()

  constructor({ tracer, stopwatch }: NotificationTracesOptions) {
    this.#tracer = tracer
    this.#stopwatch = stopwatch
  }

  request({ method, route, requestId, ...headers }: TracedRequest): RequestTrace | undefined {
    const caller = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
    const span = this.#tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'posthorn.request': requestId,
        },
      },
      caller,
    )
    if (!span.isRecording()) return undefined
    const within = trace.setSpan(ROOT_CONTEXT, span)
    let commits = 0
    return {
      asked: (notification, what) => {
        commits += 1
        return commits > MAX_COMMITS ? undefined : this.#asked(within, notification, what)
      },
      end: (status) => {
        span.setAttribute('http.response.status_code', status)
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      },
    }
  }

  sent({ notification, connection, seq, replayed }: SentEntry): SentTrace | undefined {
    const followed = this.#find(notification)
    if (!followed || followed.sends >= MAX_SENDS) return undefined
    followed.sends += 1
    const { commit, acceptedAt } = followed
    const send = this.#tracer.startSpan(
      'send',
      {
        kind: SpanKind.PRODUCER,
        ...(acceptedAt !== undefined && { startTime: acceptedAt }),
        attributes: {
          [NOTIFICATION]: notification,
          [CONNECTION]: connection,
          'posthorn.seq': seq,
          'posthorn.replayed': replayed,
        },
      },
      commit,
    )
    send.end()
    return this.#await(
      this.#tracer.startSpan(
        'ack',
        { attributes: { [NOTIFICATION]: notification, [CONNECTION]: connection } },
        trace.setSpan(ROOT_CONTEXT, send),
      ),
    )
  }

  #asked(
    within: Context,
    notification: string,
    what: 'commit' | 'deliver',
  ): (answer: SendAnswer) => void {
    const attributes = { [NOTIFICATION]: notification }
    const span = this.#tracer.startSpan(what, { attributes }, within)
    const followed: Followed = {
      // Without the span itself, whose attributes need not be kept so long.
      commit: trace.setSpanContext(ROOT_CONTEXT, span.spanContext()),
      acceptedAt: undefined,
      until: this.#stopwatch() + FOLLOWED_MS,
      sends: 0,
    }
    // Before the store answers: a session that reads its log then may be the first to know.
    if (what === 'commit') this.#follow(notification, followed)
    return (answer) => {
      span.setAttribute('posthorn.answer', answer)
      if (answer === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
      if (answer !== 'accepted') this.#followed.delete(notification)
      span.end()
      followed.acceptedAt = Date.now()
    }
  }

  #follow(notification: string, followed: Followed): void {
    const now = this.#stopwatch()
    for (const [oldest, { until }] of this.#followed) {
      if (until > now && this.#followed.size < MAX_FOLLOWED) break
      this.#followed.delete(oldest)
    }
    this.#followed.set(notification, followed)
  }

  #find(notification: string): Followed | undefined {
    const followed = this.#followed.get(notification)
    return followed && followed.until > this.#stopwatch() ? followed : undefined
  }

  #await(span: Span): SentTrace {
    const end = (acknowledged: boolean): void => {
      if (!this.#awaited.delete(sent)) return
      span.setAttribute('posthorn.acknowledged', acknowledged)
      span.end()
    }
    const sent: SentTrace = { acknowledged: () => end(true), lost: () => end(false) }
    this.#awaited.add(sent)
    const [oldest] = this.#awaited
    if (this.#awaited.size > MAX_AWAITED) oldest?.lost()
    return sent
  }
}
