import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { startService } from '../harness.js'
import { IN_DEVELOPMENT } from './asking.js'
import { SOON, useBrowser } from './use-browser.js'

describe.skipIf(!hasChromium)('the lists of the console', () => {
  const openConsole = useBrowser()

  test('keep the newest row in sight, until somebody scrolls up to read', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    for (const name of ['arrivals', 'frames']) {
      const list = desk.phone.region.locator(`ol.${name}`)
      const below = (): Promise<number> =>
        list.evaluate(
          ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
        )
      const sendTen = async (): Promise<void> => {
        const before = (await desk.phone.rows()).length
        await desk.button('Send 10').click()
        await expect.poll(() => desk.phone.rows(), SOON).toHaveLength(before + 10)
        await expect.poll(() => desk.button('Send 10').isEnabled(), SOON).toBe(true)
      }
      await sendTen()
      await sendTen()
      await expect.poll(below, SOON).toBeLessThan(2)
      await list.hover()
      await desk.page.mouse.wheel(0, -10_000)
      await expect.poll(() => list.evaluate(({ scrollTop }) => scrollTop), SOON).toBe(0)
      await sendTen()
      expect(await list.evaluate(({ scrollTop }) => scrollTop)).toBe(0)
      await list.hover()
      await desk.page.mouse.wheel(0, 100_000)
      await expect.poll(below, SOON).toBeLessThan(2)
      await sendTen()
      await expect.poll(below, SOON).toBeLessThan(2)
    }
  })

  test('leave a frame that is open where it is', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    const frames = desk.phone.region.locator('ol.frames')
    const top = (): Promise<number> => frames.evaluate(({ scrollTop }) => scrollTop)
    await desk.button('Send 10').click()
    await expect.poll(() => desk.phone.fact('cursor'), SOON).toBe('10')
    const last = frames.locator('summary').last()
    await last.click()
    await frames.locator('pre').waitFor()
    const before = await top()
    await desk.button('Send 10').click()
    await expect.poll(() => desk.phone.fact('cursor'), SOON).toBe('20')
    await expect.poll(() => frames.locator('summary').count(), SOON).toBeGreaterThan(30)
    expect(await top()).toBe(before)
    await frames.locator('details[open] summary').click()
    await frames.locator('pre').waitFor({ state: 'detached' })
    await expect.poll(top, SOON).toBeGreaterThan(before)
  })

  test('filter, hold back and clear the frames', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.phone.region.getByLabel('Filter the frames').fill('heartbeat')
    await expect.poll(() => desk.phone.frames(), SOON).toEqual(['received welcome'])
    await desk.phone.region.getByText('welcome', { exact: true }).click()
    await expect
      .poll(() => desk.phone.region.locator('.frame pre').textContent(), SOON)
      .toMatch(/^\{\n {2}"type": "welcome",\n/)
    await desk.phone.region.getByLabel('Filter the frames').fill('')
    await desk.phone.button('Pause').click()
    await desk.send({ Title: 'Hello' })
    await expect.poll(() => desk.laptop.frames(), SOON).toContain('sent ack')
    await expect.poll(() => desk.phone.fact('cursor'), SOON).toBe('1')
    expect(await desk.phone.frames()).toEqual(['received welcome', 'received caught_up'])
    await desk.phone.button('Pause').click()
    await expect.poll(() => desk.phone.frames(), SOON).toHaveLength(4)
    await desk.phone.button('Clear the frames').click()
    await expect.poll(() => desk.phone.frames(), SOON).toEqual([])
  })
})
