import { expect, test, vi } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { Collector } from '../collector.js'
import { serviceToken, startService, tokenFor } from '../harness.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`

const traced = (collector: Collector) => ({
  environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
})

test('shows the way of a notification from the POST to the acknowledgement in the trace of the caller', async () => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  await using phone = await service.api.connect('alice')
  await phone.first('welcome')
  const token = await serviceToken()
  const response = await service.api.post(
    { to: { user: 'alice' }, type: 'test', title: 'A secret title', body: 'A secret body' },
    { token, headers: { traceparent: TRACEPARENT, tracestate: 'vendor=1,other=2' } },
  )
  const { id, seq } = SendReceipt.parse(await response.json())
  await phone.received(1)
  await phone.acknowledgeAndWait(seq ?? 0)
  await service.close()

  const request = collector.one('POST /v1/notifications')
  const [commit, send, ack] = ['commit', 'send', 'ack'].map((name) => collector.one(name))
  expect(collector.spans).toHaveLength(4)
  expect(collector.paths).toContain('/v1/traces')
  for (const span of collector.spans) {
    expect(span).toMatchObject({ traceId: TRACE, traceState: 'vendor=1,other=2' })
  }
  expect(request).toMatchObject({
    parentSpanId: CALLER,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/v1/notifications',
      'http.response.status_code': 201,
      'posthorn.request': response.headers.get('x-request-id'),
    },
  })
  expect(commit).toMatchObject({
    parentSpanId: request.spanId,
    attributes: { 'posthorn.notification': id, 'posthorn.answer': 'accepted' },
  })
  expect(send).toMatchObject({
    parentSpanId: commit?.spanId,
    attributes: { 'posthorn.notification': id, 'posthorn.seq': seq, 'posthorn.replayed': false },
  })
  expect(ack).toMatchObject({
    parentSpanId: send?.spanId,
    attributes: { 'posthorn.notification': id, 'posthorn.acknowledged': true },
  })
  expect(collector.resource).toMatchObject({ 'service.name': 'posthorn' })
  for (const secret of ['alice', 'secret', 'phone', token]) {
    expect(collector.bodies.join('\n')).not.toContain(secret)
  }
})

test('follows each item of a batch, those for many, and each device', async () => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  await using phone = await service.api.connect('alice', { acknowledges: true })
  await using tablet = await service.api.connect('alice', { device: 'tablet', acknowledges: true })
  await Promise.all([phone.first('welcome'), tablet.first('welcome')])
  const items = [{ user: 'alice' }, { everyone: true }].map((to) => ({ to, type: 'test' }))
  await service.api.request('/v1/notifications/batch', {
    method: 'POST',
    token: await serviceToken('posthorn:send posthorn:broadcast'),
    body: { items },
    headers: { traceparent: TRACEPARENT },
  })
  for (const device of [phone, tablet]) {
    await device.received(2)
    await device.settled()
  }
  await service.close()
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  const counts = ['POST /v1/notifications/batch', 'commit', 'send', 'ack'].map(
    (name) => collector.spans.filter((span) => span.name === name).length,
  )
  expect(counts).toEqual([1, 2, 4, 4])
})

test('follows what a device is replayed soon after, and says that nobody knows whether it came', async () => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  await service.api.send('alice', 'while away')
  await using phone = await service.api.connect('alice')
  await phone.received(1)
  await service.close()
  expect(collector.one('send').attributes).toMatchObject({ 'posthorn.replayed': true })
  expect(collector.one('ack').attributes).toMatchObject({ 'posthorn.acknowledged': false })
})

test.each([
  ['malformed', `00-${TRACE.toUpperCase()}-${CALLER}-01`],
  ['of a version that there is not', `ff-${TRACE}-${CALLER}-01`],
  ['without a trace', `00-${'0'.repeat(32)}-${CALLER}-01`],
  ['too long', `${TRACEPARENT}-01`],
  ['two', `${TRACEPARENT}, ${TRACEPARENT}`],
])('begins a trace of its own where the traceparent is %s', async (_, traceparent) => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  const body = { to: { user: 'alice' }, type: 'test' }
  await service.api.post(body, { token: await serviceToken(), headers: { traceparent } })
  await service.close()
  const request = collector.one('POST /v1/notifications')
  expect(request.traceId).not.toBe(TRACE)
  expect(request.parentSpanId ?? '').toBe('')
})

test('exports nothing of a trace that its caller does not sample, nor of one who has no token', async () => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  await using phone = await service.api.connect('alice')
  await phone.first('welcome')
  const body = { to: { user: 'alice' }, type: 'test' }
  const headers = { traceparent: `00-${TRACE}-${CALLER}-00` }
  await service.api.post(body, { token: await serviceToken(), headers })
  await service.api.post(body, {
    token: await tokenFor('shop', {}, { secret: 'another secret than the one of the tests' }),
    headers: { traceparent: TRACEPARENT },
  })
  await phone.received(1)
  await service.close()
  expect(collector.bodies).toEqual([])
})

test('takes the sampler and the name of the service from the standard variables', async () => {
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'parentbased_always_off')
  vi.stubEnv('OTEL_SERVICE_NAME', 'notify-eu')
  try {
    await using collector = await Collector.open()
    await using service = await startService(traced(collector))
    const body = { to: { user: 'alice' }, type: 'test' }
    const token = await serviceToken()
    await service.api.post(body, { token })
    await service.api.post(body, { token, headers: { traceparent: TRACEPARENT } })
    await service.close()
    expect(collector.one('commit').traceId).toBe(TRACE)
    expect(collector.resource).toMatchObject({ 'service.name': 'notify-eu' })
  } finally {
    vi.unstubAllEnvs()
  }
})

test('tells what a request was refused with, and of a key that came before', async () => {
  await using collector = await Collector.open()
  await using service = await startService(traced(collector))
  const token = await serviceToken()
  const headers = { 'idempotency-key': 'one' }
  const body = { to: { user: 'alice' }, type: 'test' }
  for (let time = 0; time < 2; time++) await service.api.post(body, { token, headers })
  await service.api.post({ to: { user: 'alice' } }, { token })
  await service.api.post({ ...body, ttl: 0 }, { token })
  await service.close()
  const told = collector.spans.map(({ name, attributes }) => [
    name,
    attributes['posthorn.answer'] ?? attributes['http.response.status_code'],
  ])
  expect(told).toEqual(
    expect.arrayContaining([
      ['commit', 'accepted'],
      ['commit', 'replayed'],
      ['deliver', 'accepted'],
      ['POST /v1/notifications', 201],
      ['POST /v1/notifications', 422],
      ['POST /v1/notifications', 202],
    ]),
  )
})
