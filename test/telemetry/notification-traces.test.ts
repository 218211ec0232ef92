import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import { NotificationTraces } from '../../src/telemetry/notification-traces.js'
import type { RequestTrace, SentTrace } from '../../src/telemetry/tracing.js'

const MINUTE = 60_000

/** Traces whose spans are kept here, with a stopwatch that is set by hand. */
function openTraces() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const time = { now: 0 }
  const traces = new NotificationTraces({
    tracer: provider.getTracer('test'),
    stopwatch: () => time.now,
  })
  const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)
  const request = (): RequestTrace => {
    const begun = traces.request({
      method: 'POST',
      route: '/v1/notifications',
      requestId: 'request',
      traceparent: undefined,
      tracestate: undefined,
    })
    if (!begun) throw new Error('not sampled')
    return begun
  }
  return {
    time,
    request,
    count: (name: string) => named(name).length,
    /** Of each `ack`, whether it was acknowledged. */
    acknowledged: () => named('ack').map(({ attributes }) => attributes['posthorn.acknowledged']),
    accept: (notification: string) => request().asked(notification, 'commit')?.('accepted'),
    sent: (notification: string): SentTrace | undefined =>
      traces.sent({ notification, connection: 'c', seq: 1, replayed: false }),
  }
}

test('follows the first twenty notifications of a request', () => {
  const { request, sent, count } = openTraces()
  const { asked, end } = request()
  for (let item = 0; item < 500; item++) asked(`item-${item}`, 'commit')?.('accepted')
  end(200)
  expect(count('commit')).toBe(20)
  expect(sent('item-19')).toBeDefined()
  expect(sent('item-20')).toBeUndefined()
})

test('follows a notification to the first twenty sockets', () => {
  const traces = openTraces()
  traces.accept('one')
  for (let socket = 0; socket < 1_000; socket++) traces.sent('one')
  expect(traces.count('send')).toBe(20)
})

test('knows a notification before the store has answered', () => {
  const { request, sent, count } = openTraces()
  const answered = request().asked('one', 'commit')
  sent('one')?.acknowledged()
  answered?.('accepted')
  expect([count('commit'), count('send'), count('ack')]).toEqual([1, 1, 1])
})

test.each(['replayed', 'key_reused', 'failed'] as const)(
  'follows nothing further where the answer is %s',
  (answer) => {
    const { request, sent } = openTraces()
    request().asked('one', 'commit')?.(answer)
    expect(sent('one')).toBeUndefined()
  },
)

test('follows nothing further of what is stored nowhere', () => {
  const { request, sent } = openTraces()
  request().asked('one', 'deliver')?.('accepted')
  expect(sent('one')).toBeUndefined()
})

test('follows a notification for five minutes', () => {
  const traces = openTraces()
  traces.accept('one')
  traces.time.now = 5 * MINUTE - 1
  expect(traces.sent('one')).toBeDefined()
  traces.time.now = 5 * MINUTE
  expect(traces.sent('one')).toBeUndefined()
})

test('follows ten thousand notifications at once, and of more the latest', () => {
  const traces = openTraces()
  for (let number = 0; number <= 10_000; number++) traces.accept(String(number))
  expect(traces.sent('0')).toBeUndefined()
  expect(traces.sent('1')).toBeDefined()
  expect(traces.sent('10000')).toBeDefined()
})

test('gives the oldest acknowledgement up where five thousand are awaited', () => {
  const traces = openTraces()
  const waiting: (SentTrace | undefined)[] = []
  for (let number = 0; number <= 5_000; number++) {
    traces.accept(String(number))
    waiting.push(traces.sent(String(number)))
  }
  expect(traces.acknowledged()).toEqual([false])
  for (const sent of waiting) sent?.acknowledged()
  const ended = traces.acknowledged()
  expect(ended.filter((acknowledged) => acknowledged === true)).toHaveLength(5_000)
  expect(ended).toHaveLength(5_001)
})
