import type { BrowserContextOptions } from 'playwright'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser, type TestBrowser } from '../browser.js'
import { ConsolePage } from './pages.js'

/** For what a page does by itself. */
export const SOON = { timeout: 20_000 }

/** One Chromium for the tests of a file, whose pages may complain of nothing: opens the console in a profile of its own. */
export function useBrowser(): (
  url: string,
  options?: BrowserContextOptions,
) => Promise<ConsolePage> {
  let chromium: TestBrowser | undefined
  beforeAll(async () => {
    chromium = await openBrowser()
  })
  afterEach(() => {
    expect(chromium?.complaints).toEqual([])
  })
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]()
  })
  return async (url, options) => {
    if (!chromium) throw new Error('the browser is not open yet')
    return ConsolePage.open(await chromium.page(options), url)
  }
}
