import { describe, expect, test } from 'vitest'
import { hasChromium, openBrowser } from '../browser.js'

describe.skipIf(!hasChromium)('the console', () => {
  test('opens a page', async () => {
    await using chromium = await openBrowser()
    const page = await chromium.page()
    await page.goto('data:text/html,<title>Hello</title>')
    expect(await page.title()).toBe('Hello')
    expect(await page.evaluate(() => document.title)).toBe('Hello')
  })
})
