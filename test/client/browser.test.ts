import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connect } from '../../src/client/browser.js'

/** As much of a browser as the entry uses. */
class PageSocket extends EventTarget {
  static readonly opened: PageSocket[] = []
  readonly url: string
  readonly protocols: string[]
  readonly sent: string[] = []

  constructor(url: URL, protocols: string[]) {
    super()
    this.url = url.href
    this.protocols = protocols
    PageSocket.opened.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(code = 1005): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }))
  }

  static at(index: number): PageSocket {
    const socket = PageSocket.opened[index]
    if (!socket) throw new Error('the page has not connected yet')
    return socket
  }
}

const kept = new Map<string, string>()
const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
const network = new EventTarget()

beforeEach(() => {
  kept.clear()
  PageSocket.opened.length = 0
  vi.stubGlobal('WebSocket', PageSocket)
  // Newer Nodes have locks as well: here each page is the only one.
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('self', network)
  vi.stubGlobal('document', page)
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const OPTIONS = { url: 'https://notify.example', token: () => 'header.e30.signature' }

test('sends the token as a subprotocol, and never in the URL', async () => {
  await using inbox = connect(OPTIONS)
  await settle()
  const { url, protocols } = PageSocket.at(0)
  expect(protocols).toEqual(['posthorn.v1', 'bearer.header.e30.signature'])
  expect(url).not.toContain('e30')
  expect(inbox.status.state).toBe('connecting')
})

test("makes the device's name once, and keeps it in the storage", async () => {
  for (let load = 0; load < 2; load++) {
    await using inbox = connect(OPTIONS)
    await settle()
    expect(inbox.status.state).toBe('connecting')
  }
  const [first, second] = [0, 1].map((index) =>
    new URL(PageSocket.at(index).url).searchParams.get('device'),
  )
  expect(first).toMatch(/^web-[0-9a-f]{24}$/)
  expect(second).toBe(first)
  expect(kept.get('posthorn:device')).toBe(first)
})

test('comes back under the same name where the storage is forbidden', async () => {
  vi.stubGlobal('localStorage', undefined)
  const errors: string[] = []
  await using inbox = connect(OPTIONS)
  inbox.on('error', ({ code }) => void errors.push(code))
  await settle()
  PageSocket.at(0).close(1006)
  network.dispatchEvent(new Event('online'))
  await settle()
  const devices = [0, 1].map((index) =>
    new URL(PageSocket.at(index).url).searchParams.get('device'),
  )
  expect(devices[0]).toBe(devices[1])
  expect(errors).toEqual(['storage_failed'])
})

test('works where there is no document, as in a worker', async () => {
  vi.stubGlobal('document', undefined)
  const inbox = connect(OPTIONS)
  await settle()
  PageSocket.at(0).close(1006)
  network.dispatchEvent(new Event('online'))
  await settle()
  expect(PageSocket.opened).toHaveLength(2)
  await inbox.close()
})

test('tries again at once when the network is back or the page is seen, and listens no more after the end', async () => {
  const inbox = connect(OPTIONS)
  await settle()
  PageSocket.at(0).close(1006)
  page.visibilityState = 'hidden'
  page.dispatchEvent(new Event('visibilitychange'))
  await settle()
  expect(PageSocket.opened).toHaveLength(1)
  page.visibilityState = 'visible'
  page.dispatchEvent(new Event('visibilitychange'))
  await settle()
  expect(PageSocket.opened).toHaveLength(2)
  PageSocket.at(1).close(1006)
  network.dispatchEvent(new Event('online'))
  await settle()
  expect(PageSocket.opened).toHaveLength(3)
  await inbox.close()
  network.dispatchEvent(new Event('online'))
  page.dispatchEvent(new Event('visibilitychange'))
  await settle()
  expect(PageSocket.opened).toHaveLength(3)
})
