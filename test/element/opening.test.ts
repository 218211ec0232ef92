import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

describe.skipIf(!hasChromium)('opening a notification', () => {
  const open = useStage()

  test('follows its URL, and marks it as read', async () => {
    const { page, bell, panel } = await open({
      before() {
        window.fake.put({ title: 'Shipped', url: '/orders/7' })
        window.fake.markRead = (which) => {
          sessionStorage.setItem('read', String(which))
          return Promise.reject(new Error('the page is gone'))
        }
      },
    })
    await bell.click()
    const link = panel.getByRole('link', { name: 'Shipped' })
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
    await link.click()
    await page.waitForURL('**/orders/7')
    expect(await page.evaluate(() => sessionStorage.getItem('read'))).toBe('n1')
  })

  test('is left to the page where it prevents that, once for each', async () => {
    const { page, bell, panel, asked } = await open({
      before() {
        window.fake.put({ title: 'Shipped', url: '/orders/7' })
        document.body.addEventListener('posthorn-open', (event) => {
          event.preventDefault()
          document.title += `; ${event.detail.notification.title}`
        })
      },
    })
    const before = page.url()
    await bell.click()
    await panel.getByRole('link', { name: 'Shipped' }).click()
    await expect.poll(() => page.title()).toBe('A page; Shipped')
    expect(page.url()).toBe(before)
    await expect.poll(asked).toEqual(['seen n1', 'read n1'])
    await expect.poll(() => panel.count()).toBe(0)
  })

  test('in another tab is the browser’s own: it is read, and the page is told nothing', async () => {
    const { page, bell, panel, asked } = await open({
      before() {
        window.fake.put({ title: 'Shipped', url: '/orders/7' })
        document.addEventListener('posthorn-open', () => (document.title = 'told'))
      },
    })
    await bell.click()
    const link = panel.getByRole('link', { name: 'Shipped' })
    const popup = page.context().waitForEvent('page')
    await link.click({ modifiers: ['ControlOrMeta'] })
    expect((await popup).url()).toContain('/orders/7')
    await expect.poll(asked).toContain('read n1')
    expect(await page.title()).toBe('A page')
    expect(await panel.count()).toBe(1)
  })

  test('without a connection leads there all the same, and marks it as read when there is one', async () => {
    const { page, bell, panel, item, asked } = await open({
      before() {
        window.fake.put({ title: 'Shipped', body: 'Words' })
        window.fake.tell({
          state: 'waiting',
          attempt: 1,
          retryAt: Date.now() + 30_000,
          why: { code: 1006, reason: '' },
        })
      },
    })
    await bell.click()
    const button = panel.getByRole('button', { name: 'Unread: Shipped' })
    await button.click()
    await expect.poll(() => button.getAttribute('aria-expanded')).toBe('true')
    expect(await asked()).toEqual([])
    expect(await page.locator('[part=trouble]').count()).toBe(0)
    // The connection that is there goes again before an answer comes.
    await page.evaluate(async () => {
      window.fake.failWith = 'deadline_exceeded'
      window.fake.goLive()
      await window.element().updateComplete
    })
    await expect.poll(asked).toEqual(['read n1', 'seen n1'])
    await page.evaluate(() => {
      window.fake.tell({ state: 'connecting', attempt: 2 })
      window.fake.failWith = undefined
      window.fake.goLive()
    })
    await expect.poll(asked).toEqual(['read n1', 'seen n1', 'read n1', 'seen n1'])
    await expect.poll(() => item('Shipped').locator('[part=unread-mark]').count()).toBe(0)
    await page.evaluate(() => window.fake.update('n1', { readAt: null }))
    expect(await asked()).toHaveLength(4)
  })

  test('without a connection marks nothing in another inbox', async () => {
    const { page, bell, panel } = await open({
      before() {
        window.fake.put({ title: 'Shipped', body: 'Words' })
        window.fake.tell({ state: 'connecting', attempt: 2 })
      },
    })
    await bell.click()
    await panel.getByRole('button', { name: 'Unread: Shipped' }).click()
    const asked = await page.evaluate(async () => {
      const other = new window.FakeInbox()
      other.put({ readAt: null })
      window.element().inbox = other
      await window.element().updateComplete
      return other.asked
    })
    expect(asked).toEqual(['seen n1'])
  })

  test('without a URL shows its whole text, and less of it again', async () => {
    const { bell, panel, item } = await open({
      before: () => void window.fake.put({ title: 'Long', body: 'Some words. '.repeat(80) }),
    })
    await bell.click()
    const button = panel.getByRole('button', { name: 'Unread: Long' })
    expect(await button.getAttribute('aria-expanded')).toBe('false')
    const height = async (): Promise<number> => (await item('Long').boundingBox())?.height ?? 0
    const short = await height()
    await button.click()
    const read = panel.getByRole('button', { name: 'Long', exact: true })
    await expect.poll(() => read.getAttribute('aria-expanded')).toBe('true')
    expect(await height()).toBeGreaterThan(short * 2)
    await read.click()
    await expect.poll(height).toBe(short)
  })

  test.for([
    'javascript:document.title="run"',
    'java\nscript:document.title="run"',
    ' javascript:document.title="run"',
    'data:text/html,hello',
    '//elsewhere.example/',
    '/\\elsewhere.example/',
    'https:elsewhere.example',
    'ftp://elsewhere.example/',
  ])('never follows %j, wherever it came from', async (url, { expect }) => {
    const { page, bell, panel } = await open()
    await page.evaluate((url) => void window.fake.put({ title: 'Trap', url, icon: url }), url)
    await bell.click()
    expect(await panel.getByRole('link').count()).toBe(0)
    expect(await panel.locator('img').count()).toBe(0)
    const before = page.url()
    await panel.getByRole('button', { name: 'Trap' }).click()
    expect(page.url()).toBe(before)
    expect(await page.title()).toBe('A page')
  })

  test('shows text as text, and a letter where an icon can’t be loaded', async () => {
    const { page, bell, titles, item } = await open({
      before() {
        window.fake.put({ title: '<b onclick=alert(1)>Bold</b>', icon: '/icon.svg' })
        window.fake.put({ title: 'gone', icon: '/no-such.png' })
      },
    })
    await bell.click()
    expect(await titles.allInnerTexts()).toEqual(['gone', '<b onclick=alert(1)>Bold</b>'])
    await expect.poll(() => item('gone').locator('[part=icon]').innerText()).toBe('G')
    expect(await page.locator('[part=icon] img').count()).toBe(1)
  })
})
