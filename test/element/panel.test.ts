import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

describe.skipIf(!hasChromium)('bell and panel', () => {
  const open = useStage()

  test('the bell says the count in words, and its badge as a number', async () => {
    const { page, bell } = await open({ before: () => void window.fake.put() })
    expect(await bell.getAttribute('aria-label')).toBe('Notifications, 1 unread')
    expect(await bell.innerText()).toBe('1')
    await page.evaluate(() => window.fake.markRead('all'))
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, none unread')
    expect(await bell.innerText()).toBe('')
  })

  test('the badge goes no higher than 99+, the words do', async () => {
    const { bell } = await open({
      before() {
        for (let count = 0; count < 120; count++) window.fake.put()
      },
    })
    expect(await bell.innerText()).toBe('99+')
    expect(await bell.getAttribute('aria-label')).toBe('Notifications, 120 unread')
  })

  test.for(['ltr', 'rtl'])(
    'a bell at the edge of a page makes it no wider, whatever it counts (%s)',
    async (dir, { expect }) => {
      const { page, bell } = await open({
        before() {
          const sheet = new CSSStyleSheet()
          sheet.replaceSync('nav { padding: 0; overflow: visible }')
          document.adoptedStyleSheets.push(sheet)
          for (let count = 0; count < 120; count++) window.fake.put()
        },
      })
      await page.evaluate((dir) => (document.documentElement.dir = dir), dir)
      const [box, badge] = [await bell.boundingBox(), await bell.locator('.badge').boundingBox()]
      if (!box || !badge) throw new Error('nothing is shown')
      expect(dir === 'rtl' ? box.x : box.x + box.width).toBe(dir === 'rtl' ? 0 : 1_280)
      expect(badge.x).toBeGreaterThanOrEqual(box.x)
      expect(badge.x + badge.width).toBeLessThanOrEqual(box.x + box.width)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1_280)
    },
  )

  test('the badge can count what was not seen yet, which an open panel makes nothing', async () => {
    const { page, bell } = await open({
      before() {
        window.fake.put()
        window.element().badge = 'unseen'
      },
    })
    expect(await bell.getAttribute('aria-label')).toBe('Notifications, 1 new')
    await bell.click()
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, nothing new')
    expect(await page.evaluate(() => window.fake.counts)).toEqual({ unread: 1, unseen: 0 })
  })

  test('the list is newest first, with the type where there is no title', async () => {
    const { bell, titles, panel } = await open({
      before() {
        window.fake.put({ title: 'First' })
        window.fake.put({ title: null, type: 'report.finished' })
      },
    })
    expect(await panel.count()).toBe(0)
    await bell.click()
    expect(await titles.allInnerTexts()).toEqual(['report.finished', 'First'])
  })

  test('what is shown is marked as seen, once, and what comes while it is shown too', async () => {
    const { page, bell, asked } = await open({
      before() {
        window.fake.put()
        window.fake.failWith = 'never'
      },
    })
    expect(await asked()).toEqual([])
    await bell.click()
    await expect.poll(asked).toEqual(['seen n1'])
    await page.evaluate(() => window.fake.put({}, 'live'))
    await expect.poll(asked).toEqual(['seen n1', 'seen n2'])
  })

  test('what is shown while nobody looks at the page is seen when somebody does', async () => {
    const { page, panel, asked } = await open({ before: () => void window.fake.put() })
    const turn = (visibilityState: string): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, visibilityState)
    await turn('hidden')
    await page.evaluate(async () => {
      window.element().open = true
      await window.element().updateComplete
    })
    await panel.waitFor()
    expect(await asked()).toEqual([])
    await turn('visible')
    await expect.poll(asked).toEqual(['seen n1'])
  })

  test('opening the panel by its property leaves the focus where it is, and tells so', async () => {
    const { page, panel } = await open()
    await page.evaluate(() => {
      document.addEventListener('posthorn-toggle', ({ detail }) => {
        document.title = detail.open ? 'open' : 'closed'
      })
      document.getElementById('after')?.focus()
      window.element().open = true
    })
    await panel.waitFor()
    await expect.poll(() => page.title()).toBe('open')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('after')
    await page.evaluate(() => window.element().hide())
    await expect.poll(() => page.title()).toBe('closed')
    expect(await panel.count()).toBe(0)
  })

  test('one is marked as read, and unread again, by its button', async () => {
    const { bell, item, button, asked } = await open({
      before: () => void window.fake.put({ title: 'Shipped' }),
    })
    await bell.click()
    await item('Shipped').hover()
    await button('Mark as read').click()
    await expect.poll(() => item('Shipped').locator('[part=unread-mark]').count()).toBe(0)
    await button('Mark as unread').click()
    await expect.poll(() => item('Shipped').locator('[part=unread-mark]').count()).toBe(1)
    expect(await asked()).toEqual(['seen n1', 'read n1', 'unread n1'])
  })

  test('all are marked as read by one button, which has nothing to do then', async () => {
    const { bell, button, page, asked } = await open({
      before() {
        window.fake.put()
        window.fake.put()
      },
    })
    await bell.click()
    await button('Mark all as read').click()
    await expect.poll(() => page.locator('[part=unread-mark]').count()).toBe(0)
    expect(await button('Mark all as read').getAttribute('aria-disabled')).toBe('true')
    await button('Mark all as read').click({ force: true })
    expect((await asked()).filter((what) => what === 'read all')).toHaveLength(1)
  })

  test('one is archived, and is no longer listed', async () => {
    const { bell, item, titles, button } = await open({
      before: () => void window.fake.put({ title: 'Shipped' }),
    })
    await bell.click()
    await item('Shipped').hover()
    await button('Archive').click()
    await expect.poll(() => titles.count()).toBe(0)
  })

  test('an empty inbox says that there is nothing', async () => {
    const { bell, panel } = await open()
    await bell.click()
    expect(await panel.innerText()).toContain('You’re all caught up')
  })

  test('more are loaded where there are more', async () => {
    const { bell, button, titles } = await open({
      before() {
        window.fake.put({ title: 'Newest' })
        window.fake.hasMore = true
      },
    })
    await bell.click()
    await button('Load more').click()
    await expect
      .poll(() => titles.allInnerTexts())
      .toEqual(['Newest', 'Older 0', 'Older 1', 'Older 2'])
    expect(await button('Load more').count()).toBe(0)
  })

  test('nobody is told to be all caught up while there are more that are not shown', async () => {
    const { page, bell, panel } = await open()
    await page.evaluate(() => {
      const id = window.fake.put({ title: 'Archived' })
      window.fake.hasMore = true
      window.fake.update(id, { archivedAt: new Date().toISOString() })
    })
    await bell.click()
    await expect.poll(() => panel.innerText()).toContain('Loading…')
    expect(await panel.innerText()).not.toContain('caught up')
    await page.evaluate(() => {
      window.fake.hasMore = false
      window.fake.remove(window.fake.put())
    })
    await expect.poll(() => panel.innerText()).toContain('You’re all caught up')
    expect(await panel.innerText()).not.toContain('Loading…')
  })

  test.for([320, 1_000])(
    'the panel stays by its bell in a window %i wide',
    async (width, { expect }) => {
      const { page, bell, panel } = await open({ viewport: { width, height: 600 } })
      await bell.click()
      const box = await panel.boundingBox()
      const bellBox = await bell.boundingBox()
      if (!box || !bellBox) throw new Error('nothing is shown')
      expect(box.width).toBe(Math.min(400, width - 16))
      expect(box.y).toBeGreaterThanOrEqual(bellBox.y + bellBox.height)
      // The bell is 16 px from the edge: as near as that, and not nearer than 8.
      const left = Math.max(8, width - 16 - box.width)
      expect(box.x).toBeCloseTo(left)
      await page.evaluate(() => {
        document.querySelector('nav')?.prepend(window.element())
        window.element().placement = 'start'
      })
      await expect
        .poll(async () => (await panel.boundingBox())?.x)
        .toBeCloseTo(width - left - box.width)
    },
  )

  test('of 500 notifications none is drawn again when one more comes', async () => {
    const { page, titles, bell } = await open({
      before() {
        for (let count = 0; count < 500; count++) window.fake.put({ body: 'Some words' })
      },
    })
    await bell.click()
    expect(await titles.count()).toBe(500)
    const kept = await page.evaluate(async () => {
      const root = window.element().renderRoot
      const before = new Set(root.querySelectorAll('.item'))
      window.fake.put({ title: 'One more' })
      await window.element().updateComplete
      return [...root.querySelectorAll('.item')].filter((item) => before.has(item)).length
    })
    expect(kept).toBe(500)
  })
})
