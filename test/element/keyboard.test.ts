import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

/** What has the focus, as it is told: its name, without what is only heard before it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const inner = window.element().shadowRoot?.activeElement
    const element = inner ?? document.activeElement
    const name = element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    return name.replace('Unread:', '').trim()
  })
}

/** In the page: three, the newest of which is A. */
const put = (): void => {
  for (const title of ['C', 'B', 'A']) window.fake.put({ title })
}

describe.skipIf(!hasChromium)('by keyboard', () => {
  const open = useStage()

  test('the bell opens the panel and leads into it; Escape closes it and leads back', async () => {
    const { page, bell, panel } = await open({ before: put })
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Notifications, 3 unread')
    expect(await bell.getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Enter')
    await panel.waitFor()
    expect(await bell.getAttribute('aria-expanded')).toBe('true')
    await expect.poll(() => focused(page)).toBe('Notifications')
    await page.keyboard.press('Escape')
    await expect.poll(() => panel.count()).toBe(0)
    expect(await focused(page)).toBe('Notifications, 3 unread')
  })

  test('Tab leads through the panel and one notification, and out, which closes it', async () => {
    const { page, bell, panel } = await open({ before: put })
    await bell.press('Enter')
    await expect.poll(() => focused(page)).toBe('Notifications')
    const way: string[] = []
    for (let step = 0; step < 6; step++) {
      await page.keyboard.press('Tab')
      way.push(await focused(page))
    }
    expect(way).toEqual(['Mark all as read', 'Close', 'A', 'Mark as read', 'Archive', 'After'])
    await expect.poll(() => panel.count()).toBe(0)
    expect(await focused(page)).toBe('After')
  })

  test('the arrows, Home and End lead through the list, and Tab to the buttons of where one is', async () => {
    const { page, bell } = await open({ before: put })
    await bell.press('Enter')
    await expect.poll(() => focused(page)).toBe('Notifications')
    const way: string[] = []
    for (const key of ['ArrowDown', 'ArrowDown', 'End', 'ArrowDown', 'ArrowUp', 'Home', 'End']) {
      await page.keyboard.press(key)
      way.push(await focused(page))
    }
    expect(way).toEqual(['A', 'B', 'C', 'C', 'B', 'A', 'C'])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Archive')
    await page.keyboard.press('ArrowUp')
    expect(await focused(page)).toBe('B')
  })

  test('the focus goes to the neighbour of what is archived, and to the panel after the last', async () => {
    const { page, bell, titles } = await open({ before: put })
    await bell.press('Enter')
    await expect.poll(() => focused(page)).toBe('Notifications')
    const archive = async (): Promise<void> => {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
    }
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await archive()
    await expect.poll(() => focused(page)).toBe('C')
    await archive()
    await expect.poll(() => focused(page)).toBe('A')
    await archive()
    await expect.poll(() => titles.count()).toBe(0)
    expect(await focused(page)).toBe('Notifications')
  })

  test('the focus stays where it is when others come, go, and change', async () => {
    const { page, bell, titles } = await open({ before: put })
    await bell.press('Enter')
    await expect.poll(() => focused(page)).toBe('Notifications')
    await page.keyboard.press('End')
    await page.evaluate(() => {
      window.fake.put({ title: 'New' }, 'live')
      window.fake.remove('n2')
      window.fake.update('n1', { readAt: new Date().toISOString() })
    })
    await expect.poll(() => titles.allInnerTexts()).toEqual(['New', 'A', 'C'])
    expect(await focused(page)).toBe('C')
  })

  test('a click outside closes the panel, one inside does not', async () => {
    const { page, bell, panel } = await open({ before: put })
    await bell.click()
    await panel.getByRole('heading').click()
    expect(await panel.count()).toBe(1)
    await page.getByText('What the page says.').click()
    await expect.poll(() => panel.count()).toBe(0)
  })

  test('the close button leads back to the bell', async () => {
    const { page, bell, button, panel } = await open({ before: put })
    await bell.press('Enter')
    await button('Close').press('Enter')
    await expect.poll(() => panel.count()).toBe(0)
    expect(await focused(page)).toBe('Notifications, 3 unread')
  })

  test('the focus goes to the first of what was loaded, and to the panel where a failure is dismissed', async () => {
    const { page, bell, button } = await open({
      before() {
        for (const title of ['C', 'B', 'A']) window.fake.put({ title })
        window.fake.hasMore = true
      },
    })
    await bell.press('Enter')
    await button('Load more').press('Enter')
    await expect.poll(() => focused(page)).toBe('Older 0')
    await page.evaluate(() => (window.fake.failWith = 'rate_limited'))
    await button('Mark all as read').press('Enter')
    await button('Dismiss').press('Enter')
    await expect.poll(() => focused(page)).toBe('Notifications')
  })
})
