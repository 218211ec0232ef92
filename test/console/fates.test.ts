import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { startService } from '../harness.js'
import { IN_DEVELOPMENT } from './asking.js'
import type { DevicePane } from './pages.js'
import { SOON, useBrowser } from './use-browser.js'

/** What stands at the end of each row of a notification: what became of it, or its buttons. */
async function ends(pane: DevicePane): Promise<string[]> {
  const rows = pane.region.locator('.arrivals .row', { hasText: /live|replayed/ })
  const texts = await rows.locator('.end').allTextContents()
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim())
}

describe.skipIf(!hasChromium)('the arrivals of the console', () => {
  const openConsole = useBrowser()

  test('say what became of a notification that was archived, recalled or replaced', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'Archived', Body: '' })
    await desk.phone.button('Archive: Archived').click()
    for (const pane of [desk.phone, desk.laptop]) {
      await expect.poll(() => ends(pane), SOON).toEqual(['archived', 'archived'])
    }
    await desk.send({ Title: 'Recalled' })
    await desk.button('Recall: Recalled').click()
    await expect.poll(() => ends(desk.phone), SOON).toContain('recalled')
    await desk.send({ Title: 'Old', 'Collapse key': 'order' })
    await expect.poll(() => desk.phone.titles('live'), SOON).toContain('Old')
    await desk.send({ Title: 'New' })
    for (const pane of [desk.phone, desk.laptop]) {
      await expect
        .poll(() => ends(pane), SOON)
        .toEqual(['archived', 'archived', 'recalled', 'recalled', 'replaced', 'Read Archive'])
    }
  })

  test('can be acted on while there is a connection, and say so where there is none', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'Hello', Body: '' })
    const archive = desk.phone.button('Archive: Hello')
    await archive.waitFor()
    expect(await archive.isDisabled()).toBe(false)
    await desk.phone.button('Disconnect').click()
    await expect.poll(() => archive.isDisabled(), SOON).toBe(true)
    expect(await archive.getAttribute('title')).toMatch(/^Not connected/)
    await desk.phone.region.getByText('Connect to mark or archive').waitFor()
    const bell = desk.phone.region.locator('posthorn-inbox')
    await bell.getByRole('button', { name: /^Inbox of phone/ }).click()
    await bell.getByText('Not connected.').first().waitFor()
    expect(await bell.getByText('Signed out').count()).toBe(0)
    await desk.page.keyboard.press('Escape')
    await desk.phone.button('Connect').click()
    await expect.poll(() => archive.isDisabled(), SOON).toBe(false)
  })
})
