import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import type { Log } from './log.js'
import { NotificationTraces } from './notification-traces.js'
import type { Tracing } from './tracing.js'
import type { TracingSettings } from './tracing-settings.js'

/**
 * How long a collector may be silent within one export, in milliseconds. Less than the exporter's first pause before another
 * try, so that what fails is dropped and a stop waits for no retry.
 */
const EXPORT_MS = 750

/** How long a stop waits for what is left to be exported, in milliseconds. */
const CLOSE_MS = 1_500

/**
 * Traces to an OTLP collector. The sampler, the service's name, the batches, and the exporter's headers and certificates are
 * those of the standard variables, which the SDK reads from the environment of the process.
 */
export function exportTraces({ url }: TracingSettings, log: Log): Tracing {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS })
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'posthorn' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new ReportingExporter(exporter, log))],
  })
  const traces = new NotificationTraces({
    tracer: provider.getTracer('posthorn'),
    stopwatch: () => performance.now(),
  })
  let closed: Promise<void> | undefined
  return {
    request: (request) => traces.request(request),
    sent: (entry) => traces.sent(entry),
    close: () => (closed ??= shutDown(provider)),
  }
}

/** What can't be exported in time is lost: a stop does not wait for a collector. */
async function shutDown(provider: BasicTracerProvider): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))
  // That an export failed has been logged by its exporter.
  await Promise.race([provider.shutdown().catch(() => undefined), late])
  clearTimeout(timer)
}

/** Tells the log that exports fail, once while it lasts: the service goes on without. */
class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #log: Log
  #isFailing = false

  constructor(exporter: SpanExporter, log: Log) {
    this.#exporter = exporter
    this.#log = log
  }

  export(spans: ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#note(result)
      resultCallback(result)
    })
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  #note({ code, error }: ExportResult): void {
    const isFailing = code === ExportResultCode.FAILED
    if (isFailing === this.#isFailing) return
    this.#isFailing = isFailing
    // The message alone: the exporter's errors carry what the collector answered.
    if (isFailing) this.#log.warn({ reason: error?.message }, 'traces are dropped')
    else this.#log.info('traces are exported again')
  }
}
