import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { BrowserContext, Page } from 'playwright'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ConnectionList, type Connection } from '../../src/protocol/connections.js'
import { hasChromium, openBrowser, type TestBrowser } from '../browser.js'
import { startService, tokenFor, type TestService } from '../harness.js'

const CLIENT = new URL('../../dist/browser/client.js', import.meta.url)

/** A page that opens the inbox of its address, and keeps what it is told. */
const PAGE = `<!doctype html><title>Tab</title><script type="module">
  import { connect } from '/client.js'
  const [url, token, share] = JSON.parse(decodeURIComponent(location.hash.slice(1)))
  const heard = [], errors = []
  const inbox = connect({ url, token: () => token, share })
  inbox.on('notification', ({ notification }) => heard.push(notification.title))
  inbox.on('error', ({ code }) => errors.push(code))
  globalThis.inbox = inbox
  globalThis.look = () => ({
    heard, errors,
    status: inbox.status.phase ?? inbox.status.state,
    items: inbox.items().map(({ title }) => title),
    counts: inbox.counts ?? null,
  })
</script>`

/** What a page tells of its inbox. */
const Look = z.object({
  heard: z.array(z.string()),
  errors: z.array(z.string()),
  status: z.string(),
  items: z.array(z.string()),
  counts: z.nullable(z.object({ unread: z.number(), unseen: z.number() })),
})
type Look = z.infer<typeof Look>

/** An application of one page, a service that allows it, and a browser. */
class Stage {
  readonly #site: Server
  readonly #origin: string
  readonly service: TestService
  readonly chromium: TestBrowser
  readonly #context: BrowserContext

  private constructor(
    site: Server,
    origin: string,
    service: TestService,
    chromium: TestBrowser,
    context: BrowserContext,
  ) {
    this.#site = site
    this.#origin = origin
    this.service = service
    this.chromium = chromium
    this.#context = context
  }

  static async open(): Promise<Stage> {
    const client = await readFile(CLIENT)
    const site = createServer((request, response) => {
      const isClient = request.url === '/client.js'
      const type = isClient ? 'text/javascript' : 'text/html'
      response.setHeader('content-type', type).end(isClient ? client : PAGE)
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
    const address = site.address()
    if (address === null || typeof address === 'string') throw new Error('it has no port')
    const origin = `http://127.0.0.1:${address.port}`
    const service = await startService({ environment: { ALLOWED_ORIGINS: origin } })
    const chromium = await openBrowser()
    // One more page of a context is a tab of the same browser.
    const blank = await chromium.page()
    return new Stage(site, origin, service, chromium, blank.context())
  }

  /** One more tab of the same browser. */
  async tab({ user = 'alice', share = true, jti = 'token' } = {}): Promise<Tab> {
    const page = await this.#context.newPage()
    const options = JSON.stringify([this.service.url, await tokenFor(user, { jti }), share])
    await page.goto(`${this.#origin}/#${encodeURIComponent(options)}`)
    return new Tab(page)
  }

  /** Refuses them to the tabs to come. */
  withoutChannels(): Promise<unknown> {
    return this.#context.addInitScript(`globalThis.BroadcastChannel = class {
      constructor() { throw new DOMException('There is none here.', 'SecurityError') }
    }`)
  }

  /** Takes back the tokens of this name. */
  async revoke(jti: string): Promise<void> {
    const token = await tokenFor('shop', { scope: 'posthorn:users' })
    const exp = Math.ceil(Date.now() / 1_000) + 3_600
    await this.service.api.request('/v1/revocations', { method: 'POST', token, body: { jti, exp } })
  }

  async connections(user = 'alice'): Promise<Connection[]> {
    const token = await tokenFor('shop', { scope: 'posthorn:users' })
    const response = await this.service.api.request(`/v1/users/${user}/connections`, { token })
    return ConnectionList.parse(await response.json()).items
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium[Symbol.asyncDispose]()
    await this.service[Symbol.asyncDispose]()
    this.#site.closeAllConnections()
    await new Promise((resolve) => this.#site.close(resolve))
  }
}

class Tab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async look(): Promise<Look> {
    return Look.parse(await this.page.evaluate('look()'))
  }

  live(): Promise<unknown> {
    return this.page.waitForFunction("globalThis.inbox?.status.phase === 'live'")
  }

  /** Resolves when its handlers have been given so many. */
  heard(count: number): Promise<unknown> {
    return this.page.waitForFunction(`look().heard.length >= ${count}`)
  }

  listed(count: number): Promise<unknown> {
    return this.page.waitForFunction(`look().items.length >= ${count}`)
  }

  /** As when its process dies. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page)
    const crashed = this.page.waitForEvent('crash')
    void session.send('Page.crash').catch(() => undefined)
    await crashed
  }
}

describe.skipIf(!hasChromium)('tabs of a real browser', () => {
  test('have one connection, hear the same, and a late one shows the same', async () => {
    await using stage = await Stage.open()
    const first = await stage.tab()
    await first.live()
    const second = await stage.tab()
    await second.live()
    expect(await stage.connections()).toHaveLength(1)
    await stage.service.api.sendMany('alice', 3)
    for (const tab of [first, second]) {
      await tab.heard(3)
      expect(await tab.look()).toEqual({
        heard: ['1', '2', '3'],
        errors: [],
        status: 'live',
        items: ['3', '2', '1'],
        counts: { unread: 3, unseen: 3 },
      })
    }
    const late = await stage.tab()
    await late.live()
    await late.listed(3)
    expect(await late.look()).toMatchObject({ items: ['3', '2', '1'], counts: { unread: 3 } })
    await second.page.evaluate("inbox.markRead('all')")
    for (const tab of [first, second, late]) {
      await tab.page.waitForFunction('look().counts.unread === 0')
    }
    expect(await stage.connections()).toHaveLength(1)
    expect(stage.chromium.complaints).toEqual([])
  })

  test('name their device once, though two look for its name at the same time', async () => {
    await using stage = await Stage.open()
    const { page } = await stage.tab()
    const options = JSON.stringify([stage.service.url, await tokenFor('carol')])
    await page.evaluate(`(async ([url, token]) => {
      const { connect } = await import('/client.js')
      const kept = new Map()
      const later = (value) => new Promise((resolve) => setTimeout(resolve, 20, value))
      const storage = {
        get: (key) => later(kept.get(key)),
        set: (key, value) => later().then(() => void kept.set(key, value)),
      }
      globalThis.two = [1, 2].map(() => connect({ url, token: () => token, storage }))
    })(${options})`)
    await page.waitForFunction("two.every(({ status }) => status.phase === 'live')")
    expect(await stage.connections('carol')).toHaveLength(1)
  })

  test.each(['close', 'reload', 'leave', 'crash'] as const)(
    'take over from a leader that ends by a %s, and miss nothing',
    async (how) => {
      await using stage = await Stage.open()
      const leader = await stage.tab()
      await leader.live()
      const tabs = [await stage.tab(), await stage.tab()]
      for (const tab of tabs) await tab.live()
      const [before] = await stage.connections()
      await stage.service.api.sendMany('alice', 2)
      for (const tab of tabs) await tab.heard(2)
      if (how === 'close') await leader.page.close()
      if (how === 'reload') await leader.page.reload()
      if (how === 'leave') await leader.page.evaluate('inbox.close()')
      if (how === 'crash') await leader.crash()
      await stage.service.api.sendMany('alice', 2, 3)
      for (const tab of tabs) {
        await tab.heard(4)
        expect(await tab.look()).toMatchObject({
          heard: ['1', '2', '3', '4'],
          errors: [],
          items: ['4', '3', '2', '1'],
        })
      }
      await expect.poll(async () => (await stage.connections()).length).toBe(1)
      const [after] = await stage.connections()
      expect(after?.connection).not.toBe(before?.connection)
      expect(after?.device).toBe(before?.device)
      if (how !== 'reload') return
      await leader.live()
      await leader.listed(4)
      expect(await stage.connections()).toHaveLength(1)
    },
  )

  test('have a connection for each user, and for each tab where that is wanted', async () => {
    await using stage = await Stage.open()
    const alice = await stage.tab()
    const bob = await stage.tab({ user: 'bob' })
    await alice.live()
    await bob.live()
    expect(await stage.connections()).toHaveLength(1)
    expect(await stage.connections('bob')).toHaveLength(1)
    const locks = `navigator.locks.query().then(({ held }) => held.length)`
    expect(await alice.page.evaluate(locks)).toBe(2)
    const other = await stage.tab({ user: 'bob', share: false })
    await other.live()
    expect(await stage.connections('bob')).toHaveLength(2)
    expect(await alice.page.evaluate(locks)).toBe(2)
    await bob.page.evaluate('inbox.close()')
    expect(await alice.page.evaluate(locks)).toBe(1)
  })

  test('go on with the token of another where that of the leader is revoked', async () => {
    await using stage = await Stage.open()
    const leader = await stage.tab({ jti: 'first' })
    await leader.live()
    const follower = await stage.tab({ jti: 'second' })
    await follower.live()
    await stage.revoke('first')
    await leader.page.waitForFunction("look().status === 'closed'")
    expect((await leader.look()).errors).toEqual(['token_revoked'])
    await stage.service.api.sendMany('alice', 1)
    await follower.heard(1)
    expect(await follower.look()).toMatchObject({ heard: ['1'], errors: [], status: 'live' })
    expect(await stage.connections()).toHaveLength(1)
    await stage.revoke('second')
    await follower.page.waitForFunction("look().status === 'closed'")
    expect((await follower.look()).errors).toEqual(['token_revoked'])
    expect(await stage.connections()).toEqual([])
  })

  test('have a connection each where the browser refuses them channels', async () => {
    await using stage = await Stage.open()
    await stage.withoutChannels()
    const tabs = [await stage.tab(), await stage.tab()]
    for (const tab of tabs) await tab.live()
    expect(await stage.connections()).toHaveLength(2)
    for (const tab of tabs) expect((await tab.look()).errors).toEqual([])
  })

  test('seize the lead from one that shows a dialog, which follows when that is gone', async () => {
    await using stage = await Stage.open()
    const leader = await stage.tab()
    await leader.live()
    const follower = await stage.tab()
    await follower.live()
    let dismiss: (() => Promise<void>) | undefined
    const shown = new Promise<void>((resolve) => {
      leader.page.on('dialog', (dialog) => {
        dismiss = () => dialog.dismiss()
        resolve()
      })
    })
    await leader.page.evaluate("void setTimeout(() => alert('stuck'), 0)")
    await shown
    // Asks at once, rather than after a heartbeat.
    await follower.page.evaluate("dispatchEvent(new Event('online'))")
    await stage.service.api.sendMany('alice', 1)
    await follower.heard(1)
    await dismiss?.()
    await stage.service.api.sendMany('alice', 1, 2)
    for (const tab of [leader, follower]) {
      await tab.heard(2)
      expect((await tab.look()).heard).toEqual(['1', '2'])
    }
    await expect.poll(async () => (await stage.connections()).length).toBe(1)
  })
})
