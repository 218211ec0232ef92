import { expect, test } from 'vitest'
import type { TestClient } from '../client.js'
import { startService, tokenFor, type Api } from '../harness.js'
import { refusedHandshake } from './refused-handshake.js'

/** The epoch of a user's log, which every user has, known or not. */
async function epochOf(api: Api, user: string): Promise<string> {
  await using client = await api.connect(user, { device: 'asks-for-the-epoch' })
  return (await client.first('welcome')).payload.epoch
}

/** Where a connection was told that it starts, and what it was sent until it was caught up. */
async function startOf(client: TestClient) {
  const { seq } = (await client.first('caught_up')).payload
  const { cursor, latest } = (await client.first('welcome')).payload
  expect(seq).toBe(latest)
  return { cursor, seqs: client.seqs, gap: client.all('gap')[0]?.payload }
}

test('a new device starts at the beginning of what is kept', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  await using client = await api.connect('alice')
  expect(await startOf(client)).toEqual({ cursor: 0, seqs: [1, 2, 3], gap: undefined })
})

test('a device of a user of whom nobody has heard starts at 0, and hears what comes', async () => {
  await using service = await startService()
  await using client = await service.api.connect('nobody-yet')
  expect(await startOf(client)).toEqual({ cursor: 0, seqs: [], gap: undefined })
  await service.api.send('nobody-yet', 'first')
  await client.received(1)
  expect(client.titles).toEqual(['first'])
})

test('a device starts at its stored cursor, whichever others there are', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  await using phone = await api.connect('alice')
  await phone.received(3)
  await phone.acknowledgeAndWait(2)
  await using again = await api.connect('alice')
  expect(await startOf(again)).toEqual({ cursor: 2, seqs: [3], gap: undefined })
  await using laptop = await api.connect('alice', { device: 'laptop' })
  expect(await startOf(laptop)).toEqual({ cursor: 0, seqs: [1, 2, 3], gap: undefined })
})

test('starts at a cursor of the right epoch: above the stored one it acknowledges, below it replays', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 6)
  const epoch = await epochOf(api, 'alice')

  await using above = await api.connect('alice', { query: { cursor: '4', epoch } })
  expect(await startOf(above)).toEqual({ cursor: 4, seqs: [5, 6], gap: undefined })
  await using below = await api.connect('alice', { query: { cursor: '1', epoch } })
  expect(await startOf(below)).toEqual({ cursor: 4, seqs: [2, 3, 4, 5, 6], gap: undefined })
  await using beginning = await api.connect('alice', { query: { cursor: '0', epoch } })
  expect(await startOf(beginning)).toMatchObject({ cursor: 4, seqs: [1, 2, 3, 4, 5, 6] })
  await using stored = await api.connect('alice')
  expect(await startOf(stored)).toEqual({ cursor: 4, seqs: [5, 6], gap: undefined })
  await using end = await api.connect('alice', { query: { cursor: '6', epoch } })
  expect(await startOf(end)).toEqual({ cursor: 6, seqs: [], gap: undefined })
})

test('a page starts by its cursor as any other client', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  const epoch = await epochOf(api, 'alice')
  for (const credential of ['subprotocol', 'first-message'] as const) {
    const query = { cursor: '2', epoch }
    await using client = await api.connect('alice', { credential, query, device: credential })
    expect(await startOf(client)).toEqual({ cursor: 2, seqs: [3], gap: undefined })
  }
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
  const gap = { from: 2, to: 2, reason: 'epoch' }
  expect(await startOf(client)).toEqual({ cursor: 2, seqs: [3, 4], gap })
})

test('tells of a cursor ahead of the log by a gap, and replays from the stored cursor', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 4)
  const epoch = await epochOf(api, 'alice')
  await using first = await api.connect('alice')
  await first.received(4)
  await first.acknowledgeAndWait(2)

  for (const cursor of ['5', '999999999999999']) {
    await using client = await api.connect('alice', { query: { cursor, epoch } })
    const gap = { from: 2, to: 2, reason: 'epoch' }
    expect(await startOf(client)).toEqual({ cursor: 2, seqs: [3, 4], gap })
  }
})

test('tells a device of another database by a gap, and replays all that there is', async () => {
  await using former = await startService()
  await former.api.sendMany('alice', 2)
  const epoch = await epochOf(former.api, 'alice')

  await using service = await startService()
  await service.api.sendMany('alice', 3)
  await using client = await service.api.connect('alice', { query: { cursor: '2', epoch } })
  const gap = { from: 0, to: 0, reason: 'epoch' }
  expect(await startOf(client)).toEqual({ cursor: 0, seqs: [1, 2, 3], gap })
  expect((await client.first('welcome')).payload.epoch).not.toBe(epoch)
})

test('starts with what comes next where the client asks for the latest', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)

  await using client = await api.connect('alice', { query: { cursor: 'latest' } })
  expect(await startOf(client)).toEqual({ cursor: 3, seqs: [], gap: undefined })
  await api.send('alice', 'next')
  await client.received(1)
  expect(client.titles).toEqual(['next'])

  // The stored cursor has moved there at once, without an acknowledgement.
  await client.cut()
  await using later = await api.connect('alice')
  expect(await startOf(later)).toEqual({ cursor: 3, seqs: [4], gap: undefined })
})

test('asks for the epoch of a cursor: 400 over the header, 4400 after the handshake', async () => {
  await using service = await startService()
  const { api } = service
  const authorization = `Bearer ${await tokenFor('alice')}`
  const path = '/v1/socket?device=phone&cursor=0'
  expect(await refusedHandshake(service.url, path, { authorization })).toMatchObject({
    status: 400,
    problem: { code: 'epoch_required' },
  })
  for (const credential of ['subprotocol', 'first-message'] as const) {
    await using client = await api.connect('alice', { credential, query: { cursor: '0' } })
    expect(await client.closed).toEqual({ code: 4400, reason: 'epoch_required' })
    expect(client.errors).toEqual(['epoch_required'])
  }
})

test.each(['-1', '1.5', 'first', '01', '1e3', '', '9999999999999999'])(
  'refuses the cursor %j',
  async (cursor) => {
    await using service = await startService()
    const authorization = `Bearer ${await tokenFor('alice')}`
    const path = `/v1/socket?device=phone&epoch=x&cursor=${cursor}`
    expect(await refusedHandshake(service.url, path, { authorization })).toMatchObject({
      status: 400,
      problem: { code: 'invalid_query' },
    })
  },
)
