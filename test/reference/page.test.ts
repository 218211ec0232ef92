import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openBrowser, type TestBrowser } from '../browser.js'
import { grievances } from '../console/grievances.js'
import { startService, type TestService } from '../harness.js'
import { operations } from '../http/documented.js'

let service: TestService

const blocks = (page: Page) => page.locator('.opblock')

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

test('the reference needs no token, is asked for anew, and may load nothing from outside and run nothing inline', async () => {
  for (const path of ['/docs', '/docs/page.js', '/docs/page.css']) {
    const answer = await service.api.request(path)
    await answer.arrayBuffer()
    const { status, headers } = answer
    expect([path, status]).toEqual([path, 200])
    expect(headers.get('cache-control')).toBe('no-cache')
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|http/)
    const tag = headers.get('etag') ?? ''
    const again = await service.api.request(path, { headers: { 'if-none-match': tag } })
    await again.arrayBuffer()
    expect(again.status).toBe(304)
  }
})

describe.skipIf(!hasChromium)('the reference in Chromium', () => {
  let chromium: TestBrowser

  beforeAll(async () => {
    chromium = await openBrowser()
  })
  afterAll(() => chromium[Symbol.asyncDispose]())

  /** The page, with what it loaded and what went wrong there. */
  async function open(options: { width: number; colorScheme: 'light' | 'dark' }) {
    const { width, colorScheme } = options
    const page = await chromium.page({ viewport: { width, height: 900 }, colorScheme })
    const asked: string[] = []
    const errors: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await page.goto(`${service.url}/docs`)
    await blocks(page).first().waitFor()
    return { page, asked, errors, [Symbol.asyncDispose]: () => page.context().close() }
  }

  test('shows each operation of the document, and asks nobody but the service', async () => {
    await using opened = await open({ width: 1280, colorScheme: 'light' })
    const { page, asked, errors } = opened
    await expect.poll(() => blocks(page).count()).toBe(operations.length)
    await blocks(page).locator('.opblock-summary-control').first().click()
    await page.getByText('Idempotency-Key').first().waitFor()
    const parts = ['/docs', '/docs/page.css', '/docs/page.js', '/openapi.yaml']
    expect(new Set(asked.filter((url) => !url.startsWith('data:')))).toEqual(
      new Set(parts.map((path) => service.url + path)),
    )
    expect(errors).toEqual([])
    expect(chromium.complaints).toEqual([])
    // It only tells: nothing is sent from here, and no token asked for.
    expect(await page.getByRole('button', { name: /authorize|try it out/i }).count()).toBe(0)
  }, 120_000)

  test.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)(
    'has nothing serious against it by axe, and fits: %i px, %s',
    async (width, colorScheme) => {
      await using opened = await open({ width, colorScheme })
      const { page } = opened
      for (const number of [0, 3]) {
        await blocks(page).locator('.opblock-summary-control').nth(number).click()
      }
      await page.locator('pre.example').nth(1).waitFor()
      expect(await grievances(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      const dark = await page.evaluate(() =>
        document.documentElement.classList.contains('dark-mode'),
      )
      expect(dark).toBe(colorScheme === 'dark')
    },
  )
})
