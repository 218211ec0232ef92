import { senderToken } from '../tokens.js'
import type { LoadOptions } from '../messages.js'

/** The user of each request. */
export function userNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `u_${index}`)
}

/** A POST for each user, as the bytes that go over the wire: nothing is built while time is taken. */
export async function sendRequests({ url, secret, users }: LoadOptions): Promise<Buffer[]> {
  const token = await senderToken(secret)
  const { host } = new URL(url)
  return userNames(users).map((user, index) => {
    const body = JSON.stringify({
      to: { user },
      type: 'order.shipped',
      title: 'Your order has been shipped',
      body: 'It left the warehouse this morning and arrives on Tuesday.',
      url: `https://shop.example/orders/${index}`,
      icon: '/icons/box.png',
      data: { order: index, carrier: 'post', items: ['lamp', 'table'] },
      priority: 'normal',
    })
    return Buffer.from(
      [
        'POST /v1/notifications HTTP/1.1',
        `Host: ${host}`,
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    )
  })
}
