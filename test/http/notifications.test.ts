import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeliveryList, type Delivery } from '../../src/protocol/deliveries.js'
import { Timestamp } from '../../src/protocol/identifiers.js'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { problemOf, shortOf } from './problem-of.js'

const ABSENT = '01890a5d-ac96-774b-bcce-b302099a8057'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const get = (path: string) => service.api.request(path, { token })

async function deliveries(id: string, query: Record<string, string> = {}): Promise<DeliveryList> {
  const path = `/v1/notifications/${id}/deliveries?${new URLSearchParams(query).toString()}`
  return DeliveryList.parse(await (await get(path)).json())
}

async function everyDelivery(id: string, limit: number): Promise<Delivery[]> {
  const items: Delivery[] = []
  let page: string | null = null
  do {
    const found: DeliveryList = await deliveries(id, {
      limit: String(limit),
      ...(page !== null && { page }),
    })
    expect(found.items.length).toBeLessThanOrEqual(limit)
    items.push(...found.items)
    page = found.nextPage
  } while (page !== null)
  return items
}

test('POST answers 201 with the receipt of one user, its seq among it', async () => {
  const response = await service.api.post({ to: { user: 'one' }, type: 't' }, { token })
  expect(response.status).toBe(201)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('x-request-id')).toBeTruthy()
  const body: unknown = await response.json()
  const receipt = SendReceipt.parse(body)
  expect(body).toEqual({
    id: receipt.id,
    status: 'stored',
    seq: 1,
    recipients: { total: 1, stored: 1 },
    createdAt: receipt.createdAt,
    expiresAt: null,
  })
})

test('POST to several users names no seq, and counts each user once', async () => {
  const users = ['x', 'y', 'x', 'z', 'x']
  const response = await service.api.post({ to: { users }, type: 't' }, { token })
  expect(response.status).toBe(201)
  const body: unknown = await response.json()
  expect(body).toMatchObject({ status: 'stored', recipients: { total: 3, stored: 3 } })
  expect(body).not.toHaveProperty('seq')
  const { id } = SendReceipt.parse(body)
  expect((await deliveries(id)).items.map(({ user }) => user)).toEqual(['x', 'y', 'z'])
})

test('POST reaches a thousand users at once', async () => {
  const users = Array.from({ length: 1_000 }, (_, index) => `thousand-${index}`)
  const receipt = await service.api.send(users, 'to all')
  expect(receipt.recipients).toEqual({ total: 1_000, stored: 1_000 })
})

test('GET gives the notification as it was sent, and what became of it', async () => {
  const said = {
    type: 'order.shipped',
    title: 'Shipped 😀',
    body: 'Arrives\nTuesday',
    url: 'https://shop.example/o/8812',
    icon: '/icons/box.png',
    data: { order: 8812, ['__proto__']: 1, deep: [[[]]] },
    priority: 'high',
  }
  const sent = await service.api.post({ to: { users: ['a', 'b'] }, ...said }, { token })
  const { id, createdAt } = SendReceipt.parse(await sent.json())
  const response = await get(`/v1/notifications/${id}`)
  expect(response.status).toBe(200)
  const body: unknown = await response.json()
  expect(NotificationOverview.safeParse(body).success).toBe(true)
  expect(body).toEqual({
    id,
    ...said,
    collapseKey: null,
    topic: null,
    sender: 'shop',
    createdAt,
    expiresAt: null,
    status: 'stored',
    recipients: { total: 2, stored: 2 },
  })
  expect(Timestamp.safeParse(createdAt).success).toBe(true)
})

test('GET gives null for what was not said, and the normal priority', async () => {
  const { id } = await service.api.send('c', 'only a title')
  const body: unknown = await (await get(`/v1/notifications/${id}`)).json()
  expect(body).toMatchObject({ body: null, url: null, icon: null, data: null, priority: 'normal' })
})

test('GET lets another service with the scope read it too', async () => {
  const { id } = await service.api.send('c', 'x')
  const other = await tokenFor('billing', { scope: 'posthorn:read' })
  const response = await service.api.request(`/v1/notifications/${id}`, { token: other })
  expect(response.status).toBe(200)
})

test.each(['', '/deliveries'])(
  'GET …/{id}%s answers the same for an id that is not there and one that is none',
  async (rest) => {
    const ids = [
      ABSENT,
      'x',
      ABSENT.toUpperCase(),
      '%00',
      '%ff',
      '..%2f..%2fetc',
      'x'.repeat(5_000),
    ]
    const bodies = await Promise.all(
      ids.map(async (id) => {
        const { requestId, ...problem } = await problemOf(
          await get(`/v1/notifications/${id}${rest}`),
        )
        return [requestId !== '', problem]
      }),
    )
    expect(bodies[0]).toMatchObject([true, { status: 404, code: 'not_found' }])
    for (const body of bodies) expect(body).toEqual(bodies[0])
  },
)

test.each([1, 7, 100])(
  'pages through the deliveries of many users, %d at a time',
  async (limit) => {
    const users = Array.from({ length: 130 }, (_, index) => `u${limit}-${index}`)
    const [first = '', second = ''] = users
    const phone = await service.api.connect(first, { device: 'phone', acknowledges: true })
    const laptop = await service.api.connect(first, { device: 'laptop' })
    const tablet = await service.api.connect(second, { device: 'tablet' })
    await Promise.all([phone, laptop, tablet].map((client) => client.first('caught_up')))
    const { id } = await service.api.send(users, 'to many')
    await phone.received(1)
    await phone.acknowledgeAndWait(1)

    const items = await everyDelivery(id, limit)
    expect(items.map(({ user, device }) => `${user} ${device}`)).toEqual([
      `${first} phone`,
      `${first} laptop`,
      `${second} tablet`,
      ...users.slice(2).map((user) => `${user} null`),
    ])
    expect(items.map(({ status }) => status)).toEqual(
      items.map(({ device }) => (device === 'phone' ? 'delivered' : 'pending')),
    )
    for (const { deliveredAt, status } of items) {
      expect(deliveredAt !== null).toBe(status === 'delivered')
    }
    await Promise.all([phone, laptop, tablet].map((client) => client.cut()))
  },
)

test('gives fifty deliveries where no limit is named', async () => {
  const { id } = await service.api.send(
    Array.from({ length: 60 }, (_, index) => `fifty-${index}`),
    'x',
  )
  expect((await deliveries(id)).items).toHaveLength(50)
  expect((await deliveries(id, { limit: '60' })).nextPage).toBeNull()
})

const encode = (text: string): string => Buffer.from(text).toString('base64url')

test('refuses a page that it did not give, and the page of another list', async () => {
  const { id } = await service.api.send('d', 'x')
  const pages = [
    'x',
    '',
    '%00',
    encode('null'),
    encode('{}'),
    encode('{"before":5}'),
    encode('{"user":-1,"device":0}'),
    encode('{"user":1,"device":0,"more":1}'),
    encode('{"user":"1","device":0}'),
    encode('['.repeat(4_000)),
  ]
  for (const page of pages) {
    const path = `/v1/notifications/${id}/deliveries?page=${page}`
    expect([page, await shortOf(await get(path))]).toEqual([page, '400 invalid_page'])
  }
})
