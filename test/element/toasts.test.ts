import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

describe.skipIf(!hasChromium)('toasts', () => {
  const open = useStage()

  test('show what arrives live, and nothing that was listed or replayed', async () => {
    const { page, toasts, live } = await open({
      isStopped: true,
      before: () => void window.fake.put(),
    })
    await page.evaluate(() => {
      window.fake.put({ title: 'Missed' }, 'replayed')
      window.fake.put({ title: 'Read elsewhere', readAt: new Date().toISOString() }, 'live')
      window.fake.put({ title: 'Live' }, 'live')
    })
    await toasts.waitFor()
    expect(await toasts.allInnerTexts()).toEqual(['Live'])
    await page.clock.runFor(1_000)
    await expect.poll(() => live.innerText()).toBe('New notification: Live')
  })

  test('are told together to a screen reader where they come together', async () => {
    const { page, live } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.fake.put({}, 'live')
      window.fake.put({}, 'live')
      window.fake.put({}, 'live')
    })
    await page.clock.runFor(1_000)
    await expect.poll(() => live.innerText()).toBe('3 new notifications')
  })

  test('are told with their priority, and at once where they are urgent', async () => {
    const { page, live, alarm } = await open({ isStopped: true })
    const put = (title: string, priority: string): Promise<void> =>
      page.evaluate(
        async ([title, priority]) => {
          window.fake.put({ title, priority }, 'live')
          await window.element().updateComplete
        },
        [title, priority] as const,
      )
    await put('Disk full', 'urgent')
    expect(await alarm.innerText()).toBe('New notification, Urgent: Disk full')
    await put('Invoice', 'high')
    expect(await live.innerText()).toBe('')
    await page.clock.runFor(1_000)
    await expect.poll(() => live.innerText()).toBe('New notification, Important: Invoice')
    expect(await alarm.innerText()).toBe('New notification, Urgent: Disk full')
    await page.evaluate(async () => {
      window.fake.put({ title: 'One', priority: 'urgent' }, 'live')
      window.fake.put({ title: 'Two', priority: 'urgent' }, 'live')
      await window.element().updateComplete
    })
    expect(await alarm.innerText()).toBe(
      'New notification, Urgent: One. New notification, Urgent: Two',
    )
  })

  test('do not come while the panel is open, and go when it opens; the arrival is told all the same', async () => {
    const { page, bell, toasts, live, titles } = await open({ isStopped: true })
    await page.evaluate(() => void window.fake.put({ title: 'Before' }, 'live'))
    await toasts.waitFor()
    await bell.click()
    await expect.poll(() => toasts.count()).toBe(0)
    await page.evaluate(() => void window.fake.put({ title: 'While open' }, 'live'))
    await expect.poll(() => titles.allInnerTexts()).toEqual(['While open', 'Before'])
    await page.clock.runFor(1_000)
    await expect.poll(() => live.innerText()).toContain('2 new notifications')
    expect(await toasts.count()).toBe(0)
  })

  test('are at most three, the newest, and an urgent one stays among them', async () => {
    const { page, toasts } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.fake.put({ title: 'Fire', priority: 'urgent' }, 'live')
      for (const title of ['A', 'B', 'C']) window.fake.put({ title }, 'live')
    })
    await expect.poll(() => toasts.allInnerTexts()).toEqual(['Fire', 'B', 'C'])
    expect(await page.locator('[part~=toast-urgent]').innerText()).toContain('Urgent')
  })

  test('are turned off by an attribute', async () => {
    const { page, toasts, live } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.element().setAttribute('toasts', 'off')
      window.fake.put({ title: 'Quiet' }, 'live')
    })
    await page.clock.runFor(1_000)
    await expect.poll(() => live.innerText()).toBe('New notification: Quiet')
    expect(await toasts.count()).toBe(0)
  })

  test('go after six seconds, but not under the pointer, and an urgent one not by itself', async () => {
    const { page, toasts } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.fake.put({ title: 'Fire', priority: 'urgent' }, 'live')
      window.fake.put({ title: 'Shipped' }, 'live')
    })
    await expect.poll(() => toasts.count()).toBe(2)
    await page.locator('[part~=toast]').last().hover()
    await page.clock.runFor(20_000)
    expect(await toasts.count()).toBe(2)
    await page.mouse.move(1, 1)
    await page.clock.runFor(5_900)
    expect(await toasts.count()).toBe(2)
    await page.clock.runFor(200)
    await expect.poll(() => toasts.allInnerTexts()).toEqual(['Fire'])
  })

  test('go when they were read elsewhere, or taken out of the inbox', async () => {
    const { page, toasts } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.fake.put({ title: 'Read', id: 'read' }, 'live')
      window.fake.put({ title: 'Recalled', id: 'recalled' }, 'live')
    })
    await expect.poll(() => toasts.count()).toBe(2)
    await page.evaluate(() => window.fake.update('read', { readAt: new Date().toISOString() }))
    await expect.poll(() => toasts.allInnerTexts()).toEqual(['Recalled'])
    await page.evaluate(() => window.fake.remove('recalled'))
    await expect.poll(() => toasts.count()).toBe(0)
  })

  test('are dismissed by their button or by Escape, which marks nothing as read', async () => {
    const { page, toasts, asked } = await open({ isStopped: true })
    await page.evaluate(() => {
      window.fake.put({ title: 'One' }, 'live')
      window.fake.put({ title: 'Two' }, 'live')
    })
    await page.getByRole('button', { name: 'Dismiss' }).first().click()
    await expect.poll(() => toasts.allInnerTexts()).toEqual(['Two'])
    await page.getByRole('button', { name: 'Dismiss' }).focus()
    await page.keyboard.press('Escape')
    await expect.poll(() => toasts.count()).toBe(0)
    expect(await asked()).toEqual([])
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('posthorn-inbox')
  })

  test('lead to the notification: to its URL, or in full in the list where it has none', async () => {
    const { page, toasts, panel, asked } = await open({ isStopped: true })
    await page.evaluate(() => void window.fake.put({ title: 'Two', body: 'words' }, 'live'))
    await toasts.click()
    await panel.waitFor()
    await expect.poll(asked).toContain('read n1')
    expect(await panel.getByRole('button', { name: 'Two' }).getAttribute('aria-expanded')).toBe(
      'true',
    )
    await page.evaluate(() => {
      window.element().open = false
      window.fake.put({ title: 'One', url: '/orders/7' }, 'live')
    })
    await toasts.click()
    await page.waitForURL('**/orders/7')
  })
})
