import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { listen } from '../../src/http/listen.js'
import { openTracing, type Tracing } from '../../src/telemetry/tracing.js'
import { Collector } from '../collector.js'
import { serviceToken, startService, temporaryFolder } from '../harness.js'
import { ServiceProcess } from '../process.js'

/** Tracing to an address, and the messages of its log. */
async function openTo(url: string) {
  const output = new PassThrough()
  let written = ''
  output.setEncoding('utf8').on('data', (text: string) => (written += text))
  const tracing = await openTracing({ url }, pino({}, output))
  if (!tracing) throw new Error('tracing is off')
  return {
    tracing,
    messages: () => written.split('\n').filter((line) => line !== ''),
    /** Resolves when its log says so. */
    says: (message: string) =>
      new Promise<void>((resolve) => {
        const look = () => written.includes(message) && resolve()
        output.on('data', look)
        look()
      }),
  }
}

/** A request that begins and ends. */
function follow(tracing: Tracing): void {
  const request = tracing.request({
    method: 'POST',
    route: '/v1/notifications',
    requestId: 'request',
    traceparent: undefined,
    tracestate: undefined,
  })
  request?.asked('one', 'commit')?.('accepted')
  request?.end(201)
}

/** An address at which nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer()
  const url = await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.close(resolve))
  return url
}

test('drops traces while the collector is away, says so once, and closes all the same', async () => {
  const url = await nobody()
  const { tracing, messages } = await openTo(`${url}/v1/traces`)
  // More than one batch.
  for (let request = 0; request < 600; request++) follow(tracing)
  await Promise.all([tracing.close(), tracing.close()])
  expect(messages()).toHaveLength(1)
  expect(messages()[0]).toContain('traces are dropped')
})

test('drops traces that a collector refuses, and does not log what it answers', async () => {
  await using collector = await Collector.open({ status: 400 })
  const { tracing, messages } = await openTo(`${collector.url}/v1/traces`)
  follow(tracing)
  await tracing.close()
  expect(collector.spans).toHaveLength(2)
  expect(messages()).toEqual([expect.stringContaining('"reason":"Bad Request"')])
})

test('says when a collector takes traces again', async () => {
  await using collector = await Collector.open({ status: 400 })
  const { tracing, messages, says } = await openTo(`${collector.url}/v1/traces`)
  // As many as go out at once, without a wait for more.
  const followMany = () => {
    for (let request = 0; request < 256; request++) follow(tracing)
  }
  followMany()
  await says('traces are dropped')
  collector.status = 200
  followMany()
  await says('traces are exported again')
  await tracing.close()
  expect(messages()).toHaveLength(2)
})

test('closes where the collector never answers', async () => {
  const server = createServer()
  const asked = once(server, 'request')
  const url = await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 })
  const { tracing, messages } = await openTo(`${url}/v1/traces`)
  follow(tracing)
  await tracing.close()
  await asked
  expect(messages()).toEqual([expect.stringContaining('traces are dropped')])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('a service whose collector is away sends as ever', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: await nobody() }
  await using service = await startService({ environment })
  await using phone = await service.api.connect('alice', { acknowledges: true })
  const response = await service.api.post(
    { to: { user: 'alice' }, type: 'test' },
    { token: await serviceToken() },
  )
  expect(response.status).toBe(201)
  await phone.received(1)
})

test('a process whose collector is away stops as ever', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    OTEL_EXPORTER_OTLP_ENDPOINT: await nobody(),
  })
  await service.api.send('alice', 'hello')
  service.signal('SIGTERM')
  expect(await service.exited).toEqual({ code: 0, signal: null })
  expect(service.log.map(({ msg }) => msg)).toContain('traces are dropped')
})
