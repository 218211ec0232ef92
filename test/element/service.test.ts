import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright'
import { hasChromium, openBrowser } from '../browser.js'
import { Doorway } from '../client/doorway.js'
import { startService, tokenFor } from '../harness.js'
import { openSite } from './site.js'

/** Connects the page's element to a service, by the bundles as a page without a bundler of its own loads them. */
async function connectPage(page: Page, url: string): Promise<void> {
  const token = await tokenFor('ann')
  await page.waitForFunction(() => customElements.get('posthorn-inbox') !== undefined)
  await page.evaluate(
    async ({ url, token }) => {
      const { connect } = await window.load('/client.js')
      window.element().inbox = connect({ url, token: () => token, maxItems: 2 })
    },
    { url, token },
  )
}

describe.skipIf(!hasChromium)('with the service', () => {
  test('a page of another origin lists, hears, reads, archives and loads more', async () => {
    await using site = await openSite()
    await using service = await startService({ environment: { ALLOWED_ORIGINS: site.url } })
    await using chromium = await openBrowser()
    await service.api.sendMany('ann', 3)
    const page = await chromium.page()
    await page.goto(site.url)
    await connectPage(page, service.url)
    const bell = page.locator('[part~=bell]')
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 3 unread')
    await service.api.send('ann', 'Live')
    const toast = page.locator('[part~=toast]')
    await expect.poll(() => toast.allInnerTexts()).toEqual(['L\nLive'])
    await bell.click()
    const titles = page.locator('[part=list] .title')
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Live', '3'])
    await page.getByRole('button', { name: 'Load more' }).click()
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Live', '3', '2', '1'])
    await page.locator('[part~=item]').first().hover()
    await page.getByRole('button', { name: 'Archive' }).first().click()
    await expect.poll(() => titles.allInnerTexts()).toEqual(['3', '2', '1'])
    await page.getByRole('button', { name: 'Mark all as read' }).click()
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, none unread')
    const counts = await service.api.request('/v1/inbox/counts', { token: await tokenFor('ann') })
    expect(await counts.json()).toMatchObject({ unread: 0, unseen: 0 })
    expect(chromium.complaints).toEqual([])
  })

  test('a notification that leads away is read all the same', async () => {
    await using site = await openSite()
    await using service = await startService({ environment: { ALLOWED_ORIGINS: site.url } })
    await using chromium = await openBrowser()
    const body = { to: { user: 'ann' }, type: 'order.shipped', title: 'Shipped', url: '/orders/7' }
    const token = await tokenFor('shop', { scope: 'posthorn:send' })
    await service.api.post(body, { token })
    const page = await chromium.page()
    await page.goto(site.url)
    await connectPage(page, service.url)
    await page.locator('[part~=bell]').click()
    await page.getByRole('link', { name: 'Shipped' }).click()
    await page.waitForURL('**/orders/7')
    const unread = async (): Promise<unknown> => {
      const answer = await service.api.request('/v1/inbox/counts', { token: await tokenFor('ann') })
      return answer.json()
    }
    await expect.poll(unread).toMatchObject({ unread: 0 })
  })

  test('a lost network is told, and what was missed is listed without a toast', async () => {
    await using site = await openSite()
    await using service = await startService({ environment: { ALLOWED_ORIGINS: site.url } })
    await using doorway = await Doorway.open(service.url)
    await using chromium = await openBrowser()
    await service.api.send('ann', 'Before')
    const page = await chromium.page()
    await page.goto(site.url)
    await connectPage(page, doorway.url)
    const titles = page.locator('[part=list] .title')
    const status = page.locator('[part~=status]')
    await page.locator('[part~=bell]').click()
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Before'])
    doorway.cut()
    await expect.poll(() => status.innerText()).toMatch(/^Offline\. Trying again|Reconnecting/)
    expect(await page.getByRole('button', { name: 'Archive' }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    await page.keyboard.press('Escape')
    await service.api.send('ann', 'Missed')
    doorway.mend()
    const bell = page.locator('[part~=bell]')
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 2 unread')
    await service.api.send('ann', 'Live')
    await expect.poll(() => page.locator('[part~=toast] .title').allInnerTexts()).toEqual(['Live'])
  })
})
