import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { startService } from '../harness.js'
import { IN_DEVELOPMENT, mint } from './asking.js'
import { SOON, useBrowser } from './use-browser.js'

describe.skipIf(!hasChromium)('the service, as the console sees it', () => {
  const openConsole = useBrowser()

  test('lists the connections of the service, and how much goes through it', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await using elsewhere = await service.api.connect('bob', {
      token: await mint(service.api, { user: 'bob' }),
      device: 'tablet',
    })
    const table = desk.page.getByRole('table')
    const cells = (row: number): Promise<string[]> =>
      table.locator('tbody tr').nth(row).locator('td').allTextContents()
    await expect
      .poll(() => cells(0), SOON)
      .toEqual([
        'bob',
        'tablet',
        expect.stringMatching(/^\d+ s$/),
        expect.stringMatching(/ s ago$/),
        expect.any(String),
      ])
    await desk.send()
    const accepted = desk.page.locator('.rate', { hasText: 'accepted' })
    await expect.poll(() => accepted.locator('.sum').textContent(), SOON).toBe('1 in all')
    await expect
      .poll(() => accepted.locator('polyline').getAttribute('points'), SOON)
      .toMatch(/,(?!27\.0)/)
    await elsewhere.close()
    await expect.poll(() => table.locator('tbody tr').count(), SOON).toBe(2)
  })
})
