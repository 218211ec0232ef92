import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { Collector } from '../collector.js'
import { startService } from '../harness.js'

/** Modules of OpenTelemetry that this process has loaded, but for its interface, which prom-client brings and which does nothing by itself. */
function loaded(): string[] {
  const { cache } = createRequire(import.meta.url)
  return Object.keys(cache).filter((path) => /@opentelemetry.(?!api.)/.test(path))
}

async function serve(environment: Record<string, string>): Promise<void> {
  await using service = await startService({ environment })
  await using phone = await service.api.connect('alice', { acknowledges: true })
  await service.api.send('alice', 'one')
  await phone.received(1)
}

test('loads nothing of OpenTelemetry unless a collector is named', async () => {
  await using collector = await Collector.open()
  await serve({})
  await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' })
  await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_EXPORTER: 'none' })
  expect(loaded()).toEqual([])
  expect(collector.bodies).toEqual([])

  await serve({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/traces` })
  expect(loaded()).not.toEqual([])
  expect(collector.paths).toContain('/traces')
})
