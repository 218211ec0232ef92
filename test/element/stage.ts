import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { BrowserContextOptions, Locator, Page } from 'playwright'
import { openBrowser, type TestBrowser } from '../browser.js'
import { openSite, type Site } from './site.js'

export interface StageOptions extends BrowserContextOptions {
  /** Runs in the page before the element gets its inbox. */
  before?: () => void
  /** The page's time stands still, but for what `page.clock` lets go by: what a test says of time holds on any machine. */
  isStopped?: boolean
}

/** A page with the element, listening to a `FakeInbox` that the page has as `fake`. */
export interface Stage {
  page: Page
  bell: Locator
  panel: Locator
  /** Their titles, as they stand in the list. */
  titles: Locator
  toasts: Locator
  /** What a screen reader is told, and what at once. */
  live: Locator
  alarm: Locator
  /** What the element asked of its inbox. */
  asked: () => Promise<string[]>
  button: (name: string) => Locator
  /** The part of the list that shows this title. */
  item: (title: string) => Locator
}

/** One browser and one site for a file's tests; none of them may leave an error or a breach of the page's policy. */
export function useStage(): (options?: StageOptions) => Promise<Stage> {
  let chromium: TestBrowser
  let site: Site
  beforeAll(async () => {
    chromium = await openBrowser()
    site = await openSite()
  })
  afterEach(async () => {
    for (const context of chromium.browser.contexts()) await context.close()
    expect(chromium.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await chromium[Symbol.asyncDispose]()
    await site[Symbol.asyncDispose]()
  })
  return async ({ before, isStopped = false, ...options } = {}) => {
    const page = await chromium.page({ reducedMotion: 'reduce', ...options })
    if (isStopped) {
      await page.clock.install({ time: '2026-01-01T10:00:00.000Z' })
      await page.clock.pauseAt('2026-01-02T10:00:00.000Z')
    }
    await page.goto(site.url)
    await page.waitForFunction(() => customElements.get('posthorn-inbox') !== undefined)
    if (before) await page.evaluate(before)
    await page.evaluate(async () => {
      window.element().inbox = window.fake
      await window.element().updateComplete
    })
    return stageOf(page)
  }
}

function stageOf(page: Page): Stage {
  const panel = page.getByRole('dialog')
  return {
    page,
    panel,
    bell: page.locator('[part~=bell]'),
    titles: page.locator('[part=list] .title'),
    toasts: page.locator('[part~=toast] .title'),
    live: page.locator('[role=status]'),
    alarm: page.locator('[role=alert]'),
    asked: () => page.evaluate(() => window.fake.asked),
    button: (name) => panel.getByRole('button', { name, exact: true }),
    item: (title) => page.locator('[part~=item]').filter({ hasText: title }),
  }
}
