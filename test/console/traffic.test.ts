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
      .poll(() => cells(2), SOON)
      .toEqual([
        'bob',
        'tablet',
        expect.stringMatching(/^\d+ s$/),
        expect.stringMatching(/ s ago$/),
        expect.any(String),
      ])
    expect((await cells(0)).at(-1)).toMatch(/this page/)
    expect((await cells(1)).at(-1)).toMatch(/this page/)
    await desk.send()
    const accepted = desk.page.locator('.rate', { hasText: 'accepted' })
    await expect.poll(() => accepted.locator('.sum').textContent(), SOON).toBe('1 in all')
    await expect
      .poll(() => accepted.locator('polyline').getAttribute('points'), SOON)
      .toMatch(/,(?!27\.0)/)
    await elsewhere.close()
    await expect.poll(() => table.locator('tbody tr').count(), SOON).toBe(2)
  })

  test('lists its own connections first, though there are more newer ones than it is told of', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    const others: { close: () => Promise<unknown> }[] = []
    for (let number = 0; number < 201; number++) {
      const user = `user${number}`
      const token = await mint(service.api, { user })
      others.push(await service.api.connect(user, { token, device: 'tablet' }))
    }
    const rows = desk.page.getByRole('table').locator('tbody tr')
    await expect.poll(() => rows.last().textContent(), SOON).toMatch(/and 1 more/)
    for (const [index, device] of ['phone', 'laptop'].entries()) {
      const cells = await rows.nth(index).locator('td').allTextContents()
      expect(cells).toEqual(['alice', device, '–', '–', expect.stringMatching(/this page/)])
    }
    await Promise.all(others.map((other) => other.close()))
  })
})
