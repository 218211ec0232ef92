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

test('tells of a wrong epoch by a gap, and replays from the stored cursor', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 4)
  await using first = await api.connect('alice')
  await first.received(4)
  await first.acknowledgeAndWait(2)

  await using client = await api.connect('alice', { query: { cursor: '4', epoch: 'another' } })
  await client.first('caught_up')
  expect(client.messages.map(({ type }) => type)).toEqual([
    'welcome',
    'gap',
    'notification',
    'notification',
    'caught_up',
  ])
  expect((await client.first('gap')).payload).toEqual({ from: 2, to: 2, reason: 'epoch' })
  expect(client.seqs).toEqual([3, 4])

  const { epoch } = (await client.first('welcome')).payload
  await using ahead = await api.connect('alice', { query: { cursor: '99', epoch } })
  await ahead.first('caught_up')
  expect((await ahead.first('gap')).payload).toEqual({ from: 2, to: 2, reason: 'epoch' })
  expect(ahead.seqs).toEqual([3, 4])
})

test('starts at a cursor of the right epoch: above the stored one it acknowledges, below it replays', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 6)
  await using first = await api.connect('alice')
  const { epoch } = (await first.first('welcome')).payload

  await using above = await api.connect('alice', { query: { cursor: '4', epoch } })
  await above.first('caught_up')
  expect(above.seqs).toEqual([5, 6])
  expect((await above.first('welcome')).payload.cursor).toBe(4)

  await using below = await api.connect('alice', { query: { cursor: '1', epoch } })
  await below.first('caught_up')
  expect(below.seqs).toEqual([2, 3, 4, 5, 6])
  expect((await below.first('welcome')).payload.cursor).toBe(4)

  await using stored = await api.connect('alice')
  await stored.first('caught_up')
  expect(stored.seqs).toEqual([5, 6])
})

test('starts with what comes next where the client asks for the latest', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)

  await using client = await api.connect('alice', { query: { cursor: 'latest' } })
  expect((await client.first('welcome')).payload.cursor).toBe(3)
  await client.first('caught_up')
  await api.send('alice', 'next')
  await client.received(1)
  expect(client.titles).toEqual(['next'])

  await client.cut()
  await using later = await api.connect('alice')
  await later.first('caught_up')
  expect(later.titles).toEqual(['next'])
})
