import { expect, test } from 'vitest'
import { startService } from '../harness.js'

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('replays what the device missed, in order, then live, while more is being posted', async () => {
  await using service = await startService()
  const { api } = service
  await using before = await api.connect('alice')
  await before.first('caught_up')
  await api.sendMany('alice', 5)
  await before.received(5)
  await before.acknowledgeAndWait(5)
  await before.cut()
  await api.sendMany('alice', 150, 6)

  const posting = api.sendMany('alice', 200, 156)
  await using after = await api.connect('alice', { acknowledges: true })
  await posting
  await after.received(350)

  expect(after.seqs).toEqual(numbers(6, 355))
  expect(after.titles).toEqual(numbers(6, 355).map(String))
  expect(after.all('caught_up')).toHaveLength(1)
  const { latest, cursor } = (await after.first('welcome')).payload
  expect(cursor).toBe(5)
  expect(latest).toBeGreaterThanOrEqual(155)
  for (const { payload } of after.all('notification')) {
    expect(payload.replayed).toBe(payload.seq <= latest)
  }
  // `caught_up` stands between the last replayed and the first live one.
  const types = after.messages.map((message) =>
    message.type === 'notification'
      ? message.payload.replayed
        ? 'replayed'
        : 'live'
      : message.type,
  )
  expect(types.lastIndexOf('replayed')).toBeLessThan(types.indexOf('caught_up'))
  expect(types.indexOf('caught_up')).toBeLessThan(types.indexOf('live'))
})

test('sends the replay in arrays to a client that asks for them', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 200)

  await using client = await api.connect('alice', { query: { batch: 'true' } })
  await client.first('caught_up')

  expect(client.seqs).toEqual(numbers(1, 200))
  const arrays = client.frames.map((frame): unknown => JSON.parse(frame)).filter(Array.isArray)
  expect(arrays.map(({ length }) => length)).toEqual([64, 64, 64, 8])
})

test('keeps an array of frames within 256 KiB', async () => {
  await using service = await startService()
  const { api } = service
  const large = 'x'.repeat(60 * 1024)
  await api.sendMany('alice', 1)
  for (let count = 0; count < 9; count++) await api.send('alice', large)

  await using client = await api.connect('alice', { query: { batch: 'true' } })
  await client.first('caught_up')

  expect(client.seqs).toEqual(numbers(1, 10))
  for (const frame of client.frames)
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(256 * 1024)
})

test('sends at most maxUnacked entries, and the rest as they are acknowledged', async () => {
  await using service = await startService({ environment: { MAX_UNACKED: '10' } })
  const { api } = service
  await api.sendMany('alice', 35)

  await using client = await api.connect('alice')
  expect((await client.first('welcome')).payload.maxUnacked).toBe(10)
  await client.received(10)
  // The answer to a ping comes after whatever else was sent: the window holds.
  client.send({ type: 'ping', id: 'probe' })
  await client.first('pong')
  expect(client.seqs).toEqual(numbers(1, 10))

  await client.acknowledgeAndWait(4)
  await client.received(14)
  client.acknowledge(14)
  await client.received(24)
  client.acknowledge(24)
  await client.received(34)
  client.acknowledge(34)
  await client.first('caught_up')
  expect(client.seqs).toEqual(numbers(1, 35))
})
