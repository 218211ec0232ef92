import axe from 'axe-core'
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

/** What axe finds in the page, and where; and how many of its rules had something to look at. */
async function check(page: Page): Promise<{ found: string[]; passed: number }> {
  // The page's own policy lets in no script of a test's.
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe.source })
  return page.evaluate(async () => {
    const { violations, passes } = await window.axe.run()
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    )
    return { found, passed: passes.length }
  })
}

declare global {
  interface Window {
    axe: typeof axe
  }
}

const THEMES = ['light', 'dark'] as const

describe.skipIf(!hasChromium)('axe finds nothing', () => {
  const open = useStage()

  test.for(THEMES)('in the bell, in a %s page', async (colorScheme, { expect }) => {
    const { page } = await open({ colorScheme, before: () => void window.fake.put() })
    const { found, passed } = await check(page)
    expect(found).toEqual([])
    expect(passed).toBeGreaterThan(10)
  })

  test.for(THEMES)('in a list of all kinds, in a %s page', async (colorScheme, { expect }) => {
    const { page, bell } = await open({
      colorScheme,
      before() {
        const readAt = new Date().toISOString()
        window.fake.put({ title: 'Read', body: 'Words', readAt, url: '/orders/7' })
        window.fake.put({ title: null, body: 'Words', icon: '/icon.svg' })
        window.fake.put({ priority: 'high', body: 'Words' })
        window.fake.put({ priority: 'urgent', body: 'Words', icon: '/missing.png' })
        window.fake.hasMore = true
      },
    })
    await bell.click()
    await page.locator('[part~=item]').first().hover()
    expect((await check(page)).found).toEqual([])
  })

  test.for(THEMES)('offline, with a failure, in a %s page', async (colorScheme, { expect }) => {
    const { page, bell, button } = await open({
      colorScheme,
      before() {
        window.fake.put()
        window.fake.failWith = 'rate_limited'
      },
    })
    await bell.click()
    await button('Mark all as read').click()
    await button('Dismiss').waitFor()
    await page.evaluate(() =>
      window.fake.tell({
        state: 'waiting',
        attempt: 1,
        retryAt: Date.now() + 30_000,
        why: { code: 1006, reason: '' },
      }),
    )
    await page.locator('[part~=status]').waitFor()
    expect((await check(page)).found).toEqual([])
  })

  test.for(THEMES)('in an empty panel, in a %s page', async (colorScheme, { expect }) => {
    const { page, bell } = await open({ colorScheme })
    await bell.click()
    expect((await check(page)).found).toEqual([])
  })

  test.for(THEMES)('in toasts, in a %s page', async (colorScheme, { expect }) => {
    const { page, toasts } = await open({ colorScheme })
    await page.evaluate(() => {
      window.fake.put({ body: 'Words', url: '/orders/7' }, 'live')
      window.fake.put({ body: 'Words', priority: 'urgent' }, 'live')
      // They stay while somebody points at them.
      window.element().renderRoot.querySelector('#toasts')?.dispatchEvent(new Event('pointerenter'))
    })
    await expect.poll(() => toasts.count()).toBe(2)
    expect((await check(page)).found).toEqual([])
  })
})

describe.skipIf(!hasChromium)('for whoever needs it otherwise', () => {
  const open = useStage()

  test('a notification is heard with its state, time, priority and text', async () => {
    const { bell, panel } = await open({
      before: () => void window.fake.put({ title: 'Disk full', body: 'db-2', priority: 'urgent' }),
    })
    await bell.click()
    const tree = await panel.getByRole('listitem').ariaSnapshot()
    expect(tree).toContain('button "Unread: Disk full"')
    const described = await panel
      .getByRole('button', { name: 'Disk full' })
      .first()
      .evaluate((button) =>
        (button.getAttribute('aria-describedby') ?? '')
          .split(' ')
          .map((id) => window.element().shadowRoot?.getElementById(id)?.textContent.trim()),
      )
    expect(described).toEqual(['now', 'Urgent', 'db-2'])
  })

  test('words and times are in the language of the page, with words of its own', async () => {
    const { page, bell, panel } = await open({
      before() {
        document.documentElement.lang = 'de'
        window.element().texts = { label: 'Mitteilungen', unreadCount: (count) => `${count} neu` }
        const createdAt = new Date(Date.now() - 5 * 60_000).toISOString()
        window.fake.put({ createdAt })
      },
    })
    expect(await bell.getAttribute('aria-label')).toBe('Mitteilungen, 1 neu')
    await bell.click()
    expect(await panel.locator('[part=time]').innerText()).toBe('vor 5 Min.')
    await page.evaluate(() => window.element().setAttribute('label', 'Post'))
    await expect.poll(() => panel.getByRole('heading').innerText()).toBe('Post')
    await page.evaluate(() => (window.element().lang = 'fr'))
    await expect.poll(() => panel.locator('[part=time]').innerText()).toMatch(/^il y a 5\smin$/)
  })

  test('a page that is written from right to left has it mirrored', async () => {
    const { page, bell, panel, item } = await open({
      before() {
        document.documentElement.dir = 'rtl'
        window.fake.put({ title: 'Shipped' })
      },
    })
    await bell.click()
    const [bellBox, box] = [await bell.boundingBox(), await panel.boundingBox()]
    expect(box?.x).toBeCloseTo(bellBox?.x ?? NaN)
    const icon = await item('Shipped').locator('[part=icon]').boundingBox()
    const title = await item('Shipped').locator('.title').boundingBox()
    expect(icon?.x).toBeGreaterThan(title?.x ?? NaN)
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
  })

  test('it is as light or dark as it is told, or as the system is', async () => {
    const { page, bell, panel } = await open({ colorScheme: 'dark' })
    await bell.click()
    const background = (): Promise<string> =>
      panel.evaluate((panel) => getComputedStyle(panel).backgroundColor)
    const dark = await background()
    await page.evaluate(() => (window.element().theme = 'light'))
    await expect.poll(background).toBe('rgb(255, 255, 255)')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.evaluate(() => (window.element().theme = 'dark'))
    await expect.poll(background).toBe(dark)
  })

  test('in colours of the person’s own, and at 200 %, nothing is lost', async () => {
    const { page, bell, panel, button } = await open({
      forcedColors: 'active',
      viewport: { width: 320, height: 400 },
      before: () =>
        void window.fake.put({ title: 'A title that is rather long', body: 'b'.repeat(99) }),
    })
    await bell.click()
    await button('Archive').scrollIntoViewIfNeeded()
    const [box, archive] = [await panel.boundingBox(), await button('Archive').boundingBox()]
    if (!box || !archive) throw new Error('nothing is shown')
    expect(box.y + box.height).toBeLessThanOrEqual(400)
    expect(archive.x + archive.width).toBeLessThanOrEqual(box.x + box.width)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  })
})
