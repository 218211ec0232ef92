import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { grievances } from './grievances.js'
import { startService } from '../harness.js'
import { IN_DEVELOPMENT } from './asking.js'
import { untilLive, type ConsolePage } from './pages.js'
import { SOON, useBrowser } from './use-browser.js'

/** A page on which everything has happened once. */
async function makeBusy(desk: ConsolePage): Promise<void> {
  await desk.enter()
  await desk.button('Send 3').click()
  await desk.phone.button('Mark read: Order shipped #1').click()
  await expect.poll(() => desk.laptop.titles('updated'), SOON).toHaveLength(1)
  await desk.phone.button('Disconnect').click()
  await desk.button('Send 3').click()
  await desk.phone.button('Connect').click()
  await expect.poll(() => desk.phone.titles('replayed'), SOON).toHaveLength(3)
  await desk.phone.region.locator('.frame summary').first().click()
  await desk.page.getByText('As a command').click()
  await desk.send({ URL: 'nowhere' })
  await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/422/)
  await desk.page.getByText('this page').nth(1).waitFor()
}

describe.skipIf(!hasChromium)('the console, for everybody', () => {
  const openConsole = useBrowser()

  test.each(['light', 'dark'] as const)(
    'has nothing serious against it by axe: %s',
    async (scheme) => {
      await using service = await startService(IN_DEVELOPMENT)
      await using desk = await openConsole(service.url, { colorScheme: scheme })
      await desk.button('Sign in').waitFor()
      expect(await grievances(desk.page)).toEqual([])
      await makeBusy(desk)
      expect(await grievances(desk.page)).toEqual([])
    },
  )

  test.each([320, 390, 800, 1200])('is no wider than a window of %i px', async (width) => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url, { viewport: { width, height: 800 } })
    await makeBusy(desk)
    expect(await desk.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  })

  test.each([
    [1440, 900, 2],
    [1024, 768, 2],
    [800, 700, 2],
    [390, 844, 1],
  ])(
    'shows in a window of %i×%i px both the send and %i of the devices',
    async (width, height, count) => {
      await using service = await startService(IN_DEVELOPMENT)
      await using desk = await openConsole(service.url, { viewport: { width, height } })
      await desk.enter()
      const shown = [desk.phone, desk.laptop].slice(0, count)
      for (const seen of [
        desk.button('Send 3'),
        ...shown.map(({ region }) => region.locator('.facts')),
      ]) {
        const box = await seen.boundingBox()
        expect(box?.y).toBeGreaterThan(0)
        expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(height)
      }
    },
  )

  test('can be used by the keyboard alone', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    const focused = (): Promise<string> =>
      desk.page.evaluate(() => document.activeElement?.id ?? '')
    await expect.poll(focused, SOON).toBe('sign-in')
    await desk.page.keyboard.press('Enter')
    await untilLive(desk.phone, desk.laptop)
    await expect.poll(focused, SOON).toBe('compose-title')
    await desk.page.keyboard.type('!')
    await desk.page.keyboard.press('Enter')
    await expect.poll(() => desk.phone.rows(), SOON).toHaveLength(1)
    await desk.phone.region.locator('.frames').focus()
    await desk.page.keyboard.press('Tab')
    await desk.page.keyboard.press('Enter')
    await desk.phone.region.locator('.frame pre').waitFor()
  })
})
