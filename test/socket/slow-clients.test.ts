import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod/mini'
import { Down } from '../../src/protocol/down/index.js'
import { TestClient } from '../client.js'
import { startService, tokenFor } from '../harness.js'
import { afterTick, QUICK_TICKS } from './test-clock.js'

test('closes 4408 a window that stays full, and sends the same again on the next connection', async () => {
  await using service = await startService({
    environment: { ...QUICK_TICKS, MAX_UNACKED: '2' },
    limits: { windowFullMs: 200 },
  })
  const { api } = service
  await api.sendMany('alice', 5)
  await using client = await api.connect('alice')
  expect(await client.closed).toEqual({ code: 4408, reason: 'too_slow' })
  expect(client.seqs).toEqual([1, 2])
  expect(client.all('error')).toMatchObject([{ payload: { code: 'too_slow', retryable: true } }])

  await using next = await api.connect('alice', { acknowledges: true })
  await next.first('caught_up')
  expect(next.seqs).toEqual([1, 2, 3, 4, 5])
  // An empty window may stay as it is for as long as it likes.
  await afterTick(next)
  await next.settled()
})

test('closes 4408 a peer that answers no ping, and keeps one that gives any sign of life', async () => {
  await using service = await startService({
    environment: QUICK_TICKS,
    limits: { pongMs: 200 },
  })
  const { api } = service
  await using talking = await api.connect('alice', { device: 'talking', autoPong: false })
  // A frame of its own is a sign of life, as well as the protocol's pong.
  talking.socket.on('ping', () => talking.send({ type: 'ping' }))
  await using silent = await api.connect('alice', { device: 'silent', autoPong: false })
  expect(await silent.closed).toEqual({ code: 4408, reason: 'too_slow' })
  await afterTick(talking)
  await talking.settled()
  expect(talking.errors).toEqual([])
})

test('closes 4408 a peer that answers no ping before it has shown a token', async () => {
  await using service = await startService({
    environment: QUICK_TICKS,
    limits: { pongMs: 200 },
  })
  await using silent = await TestClient.connect(service.url, {
    credential: 'none',
    device: 'phone',
    autoPong: false,
  })
  expect(await silent.closed).toEqual({ code: 4408, reason: 'too_slow' })
})

test('closes 4408 a client that asks much and reads nothing: more than 1 MiB waits for it', async () => {
  await using service = await startService({ environment: QUICK_TICKS })
  const address = `${service.url.replace('http', 'ws')}/v1/socket?device=phone`
  const headers = { authorization: `Bearer ${await tokenFor('alice')}` }
  // A plain socket, since reading tens of thousands of answers by schemas would take the time of the close.
  const socket = new WebSocket(address, 'posthorn.v1', { headers })
  const closed = once(socket, 'close')
  let last = ''
  socket.on('message', (data: Buffer) => (last = data.toString()))
  await once(socket, 'message')
  socket.pause()
  // Acknowledgements are not limited in their number, and each of these is answered by an error.
  const command = { type: 'ack', id: 'i'.repeat(64), payload: { seq: Number.MAX_SAFE_INTEGER } }
  const text = JSON.stringify(command)
  while (service.connections() > 0) {
    for (let count = 0; count < 1_000; count++) socket.send(text)
    await new Promise((resolve) => socket.send(text, resolve))
  }
  socket.resume()
  const [code, reason] = z.tuple([z.number(), z.instanceof(Buffer)]).parse(await closed)
  expect([code, reason.toString()]).toEqual([4408, 'too_slow'])
  expect(Down.parse(JSON.parse(last))).toMatchObject({
    type: 'error',
    payload: { code: 'too_slow', detail: 'The connection reads too slowly.' },
  })
  await using next = await service.api.connect('alice')
  await next.first('caught_up')
})

test('closes 4408 a client that says nothing for IDLE_TIMEOUT_MS, though it answers pings, and keeps one that speaks', async () => {
  await using service = await startService({
    environment: { ...QUICK_TICKS, IDLE_TIMEOUT_MS: '1500' },
  })
  await using speaking = await service.api.connect('alice', { device: 'speaking' })
  await using silent = await service.api.connect('alice', { device: 'silent' })
  // As often as the service asks for a sign of life.
  speaking.socket.on('ping', () => speaking.send({ type: 'ping' }))
  expect(await silent.closed).toEqual({ code: 4408, reason: 'idle' })
  await speaking.settled()
  expect(speaking.errors).toEqual([])
})
