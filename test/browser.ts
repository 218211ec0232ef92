import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from './chromium.js'

const executablePath = findChromium()

/** Tests in Chromium are left out where there is none (`describe.skipIf(!hasChromium)`), which is a failure in CI. */
export const hasChromium = executablePath !== undefined

/** A Chromium of the test's own, and what its pages complained of. */
export interface TestBrowser {
  browser: Browser
  /** A page in a profile of its own; of one more tab in the same profile: `page.context().newPage()`. */
  page: (options?: BrowserContextOptions) => Promise<Page>
  /** Errors that nobody caught, and what the content security policy refused, since the start. */
  complaints: string[]
  [Symbol.asyncDispose]: () => Promise<void>
}

/** `await using chromium = await openBrowser()` */
export async function openBrowser(): Promise<TestBrowser> {
  if (executablePath === undefined) throw new Error('there is no Chromium')
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS })
  const complaints: string[] = []
  const listen = (page: Page): void => {
    page.on('pageerror', (error) => void complaints.push(String(error)))
    page.on('console', (message) => {
      if (/content.security.policy/i.test(message.text())) complaints.push(message.text())
    })
  }
  return {
    browser,
    complaints,
    async page(options = {}) {
      const context = await browser.newContext(options)
      context.on('page', listen)
      return context.newPage()
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
