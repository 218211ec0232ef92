import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { InboxChanges, InboxCounts } from '../../src/protocol/inbox.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

type Changes = z.infer<typeof InboxChanges>

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const get = async (user: string, path: string) =>
  service.api.request(path, { token: await tokenFor(user) })

function ask(user: string, query: Record<string, string | number>): Promise<Response> {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) search.set(name, String(value))
  return get(user, `/v1/inbox/changes?${search.toString()}`)
}

async function epochOf(user: string): Promise<string> {
  return InboxCounts.parse(await (await get(user, '/v1/inbox/counts')).json()).epoch
}

async function changes(user: string, query: Record<string, string | number>): Promise<Changes> {
  return InboxChanges.parse(await (await ask(user, query)).json())
}

const seqsOf = ({ events }: Changes): number[] =>
  events.flatMap(({ payload }) => ('seq' in payload ? payload.seq : []))

/** Every page from a position to the end. */
async function toTheEnd(user: string, query: { epoch: string; limit: number }): Promise<Changes[]> {
  const pages: Changes[] = []
  let after = 0
  do {
    const page = await changes(user, { ...query, after })
    // Whoever asks on must come on, or would ask for ever.
    expect(page.next > after || page.caughtUp).toBe(true)
    after = page.next
    pages.push(page)
  } while (pages.at(-1)?.caughtUp !== true)
  return pages
}

test('is caught up at once for a user of whom nobody has heard', async () => {
  const epoch = await epochOf('nobody')
  expect(await changes('nobody', { epoch })).toEqual({
    events: [],
    next: 0,
    caughtUp: true,
    unread: 0,
    unseen: 0,
    epoch,
  })
})

test.each([1, 20, 65, 100])('is the replay of the socket, %d at a time', async (limit) => {
  const user = `alice-${limit}`
  await service.api.sendMany(user, 65)
  const epoch = await epochOf(user)
  const pages = await toTheEnd(user, { epoch, limit })
  await using client = await service.api.connect(user)
  await client.first('caught_up')

  const events = pages.flatMap((page) => page.events)
  expect(events).toHaveLength(65)
  expect(events).toEqual(client.all('notification'))
  expect(pages.map(({ caughtUp }) => caughtUp)).toEqual(
    pages.map((_, index) => index === pages.length - 1),
  )
  expect(pages.at(-1)).toMatchObject({ next: 65, unread: 65, unseen: 65, epoch })
})

test('goes on from where it stood when more arrives, and from any place before', async () => {
  await service.api.sendMany('bob', 3)
  const epoch = await epochOf('bob')
  const first = await changes('bob', { epoch })
  expect(first).toMatchObject({ next: 3, caughtUp: true })
  expect(await changes('bob', { epoch, after: first.next })).toMatchObject({
    events: [],
    next: 3,
    caughtUp: true,
  })
  await service.api.sendMany('bob', 2, 4)
  const seqs = async (after: number): Promise<number[]> =>
    seqsOf(await changes('bob', { epoch, after }))
  expect(await seqs(3)).toEqual([4, 5])
  expect(await seqs(1)).toEqual([2, 3, 4, 5])
})

test('ends a page before it grows too large, and goes on with the next', async () => {
  const large = 'x'.repeat(60 * 1024)
  for (let count = 0; count < 12; count++) await service.api.send('carol', large)
  const epoch = await epochOf('carol')
  const pages = await toTheEnd('carol', { epoch, limit: 100 })
  expect(pages.length).toBeGreaterThan(1)
  for (const page of pages) {
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(400 * 1024)
  }
  expect(pages.flatMap(seqsOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})

test('makes no device, and moves the cursor of none', async () => {
  await service.api.sendMany('dave', 2)
  const epoch = await epochOf('dave')
  await changes('dave', { epoch, device: 'phone' })
  await using client = await service.api.connect('dave')
  await client.first('caught_up')
  expect(client.seqs).toEqual([1, 2])
  expect((await client.first('welcome')).payload.cursor).toBe(0)
})

test('serves a token that is bound to a device for that device alone', async () => {
  const token = await tokenFor('frank', { device: 'phone' })
  const epoch = await epochOf('frank')
  const by = (device: string) =>
    service.api.request(`/v1/inbox/changes?epoch=${epoch}&device=${device}`, { token })
  expect((await by('phone')).status).toBe(200)
  expect(await shortOf(await by('laptop'))).toBe('403 device_not_allowed')
})

test('asks for an epoch with every position', async () => {
  expect(await shortOf(await get('alice', '/v1/inbox/changes'))).toBe('400 epoch_required')
  expect(await shortOf(await ask('alice', { after: 3 }))).toBe('400 epoch_required')
})

test('refuses another epoch, and a position ahead of the log', async () => {
  await service.api.sendMany('erin', 2)
  const epoch = await epochOf('erin')
  expect(await shortOf(await ask('erin', { epoch: `${epoch}x`, after: 1 }))).toBe(
    '409 epoch_mismatch',
  )
  expect((await ask('erin', { epoch, after: 2 })).status).toBe(200)
  expect(await shortOf(await ask('erin', { epoch, after: 3 }))).toBe('409 epoch_mismatch')
  expect(await shortOf(await ask('erin', { epoch, after: '999999999999999' }))).toBe(
    '409 epoch_mismatch',
  )
})

test.each([
  ['after=-1', '/after'],
  ['after=x', '/after'],
  ['after=', '/after'],
  ['after=1.5', '/after'],
  ['after=9999999999999999', '/after'],
  ['after=latest', '/after'],
  ['after=1&after=2', '/after'],
  ['device=a%20b', '/device'],
])('refuses %s', async (query, pointer) => {
  const answer = await get('alice', `/v1/inbox/changes?epoch=e&${query}`)
  expect(await shortOf(answer)).toMatch(new RegExp(`^400 invalid_query ${pointer}:invalid_`))
})

test.each(['', '%20', 'x'.repeat(65), '%C3%A9'])('refuses %j as an epoch', async (epoch) => {
  const answer = await get('alice', `/v1/inbox/changes?epoch=${epoch}`)
  expect(await shortOf(answer)).toBe('400 invalid_query /epoch:invalid_value')
})
