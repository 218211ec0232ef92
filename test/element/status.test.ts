import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

describe.skipIf(!hasChromium)('the line on the connection', () => {
  const open = useStage()
  const status = '[part~=status]'

  test('is told by the closed bell, too, but for the first moments of a page', async () => {
    const { page, bell } = await open({
      before: () => window.fake.tell({ state: 'connecting', attempt: 1 }),
    })
    const sign = bell.locator('svg')
    const look = async (): Promise<unknown[]> => [
      await bell.getAttribute('aria-label'),
      await sign.evaluate((sign) => getComputedStyle(sign).opacity),
    ]
    expect(await look()).toEqual(['Notifications, none unread', '1'])
    await page.evaluate(() => window.fake.goLive())
    expect(await look()).toEqual(['Notifications, none unread', '1'])
    await page.evaluate(() => window.fake.tell({ state: 'connecting', attempt: 1 }))
    await expect.poll(look).toEqual(['Notifications, none unread, offline', '0.5'])
    await page.evaluate(() =>
      window.fake.tell({
        state: 'closed',
        why: { by: 'application', code: 1000, reason: '' },
      }),
    )
    await expect.poll(look).toEqual(['Notifications, none unread, disconnected', '0.5'])
  })

  test('says nothing while the connection is live', async () => {
    const { page, bell } = await open()
    await bell.click()
    expect(await page.locator(status).count()).toBe(0)
  })

  test('says that it connects, and what is to be seen then', async () => {
    const { page, bell, panel } = await open({
      before: () => window.fake.tell({ state: 'connecting', attempt: 1 }),
    })
    await bell.click()
    expect(await page.locator(status).innerText()).toBe('Connecting…')
    expect(await panel.innerText()).toContain('once there is a connection')
    await page.evaluate(() => window.fake.goLive())
    await expect.poll(() => panel.innerText()).toContain('You’re all caught up')
  })

  test('counts the seconds to the next attempt, and says that it reconnects and catches up', async () => {
    const { page, bell } = await open({ isStopped: true })
    await bell.click()
    await page.evaluate(() =>
      window.fake.tell({
        state: 'waiting',
        attempt: 2,
        retryAt: Date.now() + 12_000,
        why: { code: 1006, reason: '' },
      }),
    )
    const line = page.locator(status)
    await expect.poll(() => line.innerText()).toBe('Offline. Trying again in 12 s.')
    await page.clock.runFor(5_000)
    await expect.poll(() => line.innerText()).toBe('Offline. Trying again in 7 s.')
    await page.evaluate(() => window.fake.tell({ state: 'connecting', attempt: 3 }))
    await expect.poll(() => line.innerText()).toBe('Reconnecting…')
    await page.evaluate(() =>
      window.fake.tell({ state: 'open', phase: 'replaying', user: 'ann', device: 'web' }),
    )
    await expect.poll(() => line.innerText()).toBe('Catching up…')
    await page.evaluate(() => window.fake.goLive())
    await expect.poll(() => line.count()).toBe(0)
  })

  test('says what it waits for: a network, the service, or a token that is taken', async () => {
    const { page, bell } = await open()
    await bell.click()
    const words = async (code: number | undefined): Promise<string> => {
      await page.evaluate((code) => {
        const why = code === undefined ? undefined : { code, reason: '' }
        window.fake.tell({ state: 'waiting', attempt: 1, retryAt: Date.now(), why })
      }, code)
      return page.locator(status).innerText()
    }
    expect(await words(1006)).toBe('Offline. Trying again now.')
    expect(await words(1012)).toBe('The service can’t be used now. Trying again now.')
    expect(await words(4401)).toBe('Signing in has failed. Trying again now.')
    expect(await words(undefined)).toBe('Signing in has failed. Trying again now.')
  })

  test('says why the inbox is closed for good', async () => {
    const { page, bell } = await open()
    await bell.click()
    const line = page.locator(status)
    const words = async (by: 'application' | 'service', code: number, reason: string) => {
      await page.evaluate((why) => window.fake.tell({ state: 'closed', why }), { by, code, reason })
      return line.innerText()
    }
    expect(await words('application', 1000, '')).toBe('Signed out.')
    expect(await words('service', 4410, 'device_removed')).toBe(
      'Signed out: this device was removed.',
    )
    expect(await words('service', 4400, 'malformed_message')).toBe(
      'Disconnected by the service: malformed_message.',
    )
  })

  test('an element without an inbox says so', async () => {
    const { page, bell } = await open()
    await page.evaluate(() => (window.element().inbox = undefined))
    await bell.click()
    expect(await page.locator(status).innerText()).toBe('Not connected.')
  })

  test('what needs the connection is off without one, says why, and does nothing', async () => {
    const { page, bell, item, button, asked } = await open({
      before() {
        window.fake.put({ title: 'Shipped' })
        window.fake.hasMore = true
      },
    })
    await page.evaluate(() =>
      window.fake.tell({
        state: 'waiting',
        attempt: 1,
        retryAt: Date.now() + 30_000,
        why: { code: 1006, reason: '' },
      }),
    )
    await bell.click()
    await item('Shipped').hover()
    for (const name of ['Mark all as read', 'Mark as read', 'Archive', 'Load more']) {
      expect(await button(name).getAttribute('aria-disabled')).toBe('true')
      const described = await button(name).getAttribute('aria-describedby')
      expect(described?.split(' ')).toContain('status')
      await button(name).click({ force: true })
    }
    expect(await asked()).toEqual([])
    await page.evaluate(() => window.fake.goLive())
    await expect.poll(() => button('Archive').getAttribute('aria-disabled')).toBe(null)
    await expect.poll(asked).toEqual(['seen n1'])
  })

  test('an action that fails is told in the panel and to a screen reader, until the next one', async () => {
    const { page, bell, item, button, live, titles } = await open({
      before: () => void window.fake.put({ title: 'Shipped' }),
    })
    await bell.click()
    await page.evaluate(() => (window.fake.failWith = 'deadline_exceeded'))
    await item('Shipped').hover()
    await button('Archive').click()
    const words = 'It could not be archived. No answer came in time.'
    const trouble = page.locator('[part=trouble]')
    await expect.poll(() => trouble.innerText()).toBe(words)
    expect(await live.innerText()).toBe(words)
    expect(await titles.allInnerTexts()).toEqual(['Shipped'])
    await page.evaluate(() => (window.fake.failWith = undefined))
    await button('Archive').click()
    await expect.poll(() => trouble.count()).toBe(0)
  })

  test('a failure can be dismissed', async () => {
    const { page, bell, button } = await open({ before: () => void window.fake.put() })
    await bell.click()
    await page.evaluate(() => (window.fake.failWith = 'rate_limited'))
    await button('Mark all as read').click()
    await button('Dismiss').click()
    await expect.poll(() => page.locator('[part=trouble]').count()).toBe(0)
  })

  test('a list that could not be loaded is told until it is', async () => {
    const { page, bell } = await open()
    await bell.click()
    await page.evaluate(() => window.fake.fail('list_failed'))
    const trouble = page.locator('[part=trouble]')
    await expect.poll(() => trouble.innerText()).toContain('could not be loaded')
    await page.evaluate(() => void window.fake.put())
    await expect.poll(() => trouble.count()).toBe(0)
  })

  test('a lost connection is said once, not by the second, and that it is back', async () => {
    const { page, bell, live } = await open()
    await bell.click()
    await page.evaluate(() =>
      window.fake.tell({
        state: 'waiting',
        attempt: 1,
        retryAt: Date.now() + 30_000,
        why: { code: 1006, reason: '' },
      }),
    )
    await expect.poll(() => live.innerText()).toBe('The connection is lost.')
    await page.evaluate(() => window.fake.goLive())
    await expect.poll(() => live.innerText()).toBe('Connected.')
  })
})
