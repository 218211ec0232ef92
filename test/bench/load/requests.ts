import { senderToken, userToken } from '../tokens.js'
import type { NotificationContent } from '../../../src/protocol/notification.js'
import type { BatchLoadOptions, LoadOptions } from '../messages.js'

/** Where all nodes are reached. */
export function urlsOf({ url, others = [] }: Pick<LoadOptions, 'url' | 'others'>): string[] {
  return [url, ...others]
}

/** The one whose turn it is. */
export function inTurn(urls: readonly string[], turn: number): string {
  const url = urls[turn % urls.length]
  if (url === undefined) throw new Error('there is no node')
  return url
}

/** The user of each request: where `stride` says so, they are spread over more. */
export function userNames(count: number, stride = 1): string[] {
  return Array.from({ length: count }, (_, index) => `u_${index * stride}`)
}

/** A POST for each user, as the bytes that go over the wire: nothing is built while time is taken. */
export async function sendRequests({ url, secret, users, stride }: LoadOptions): Promise<Buffer[]> {
  const headers = headersOf(url, await senderToken(secret))
  return userNames(users, stride).map((user, index) =>
    post('/v1/notifications', headers, { to: { user }, ...sayingOf(index) }),
  )
}

/** A request for each user's inbox, in the same way. */
export function listRequests(
  { url, secret }: LoadOptions,
  names: readonly string[],
): Promise<Buffer[]> {
  return Promise.all(
    names.map(async (user) => {
      const headers = headersOf(url, await userToken(secret, user))
      return Buffer.from(['GET /v1/inbox HTTP/1.1', ...headers, '', ''].join('\r\n'))
    }),
  )
}

/** POSTs of batches, to so many users in turn, in the same way. */
export async function batchRequests(options: BatchLoadOptions): Promise<Buffer[]> {
  const { url, secret, users, perBatch } = options
  const headers = headersOf(url, await senderToken(secret))
  const items = userNames(users).map((user, index) => ({ to: { user }, ...sayingOf(index) }))
  return Array.from({ length: Math.floor(users / perBatch) }, (_, index) =>
    post('/v1/notifications/batch', headers, {
      items: items.slice(index * perBatch, (index + 1) * perBatch),
    }),
  )
}

/** What the service keeps of one of these, as JSON. */
export function contentOf(index: number, id: string): string {
  return JSON.stringify({
    id,
    ...sayingOf(index),
    collapseKey: null,
    topic: null,
    sender: 'bench',
    createdAt: new Date().toISOString(),
    expiresAt: null,
  } satisfies NotificationContent)
}

/** What a notification of the loads says. */
export function sayingOf(index: number) {
  return {
    type: 'order.shipped',
    title: 'Your order has been shipped',
    body: 'It left the warehouse this morning and arrives on Tuesday.',
    url: `https://shop.example/orders/${index}`,
    icon: '/icons/box.png',
    data: { order: index, carrier: 'post', items: ['lamp', 'table'] },
    priority: 'normal' as const,
  }
}

function headersOf(url: string, token: string): string[] {
  return [`Host: ${new URL(url).host}`, `Authorization: Bearer ${token}`]
}

function post(path: string, headers: readonly string[], content: object): Buffer {
  const body = JSON.stringify(content)
  const lines = [
    `POST ${path} HTTP/1.1`,
    ...headers,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from([...lines, '', body].join('\r\n'))
}
