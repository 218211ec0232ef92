import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { useStage } from './stage.js'

test('a server’s process can load it: it does nothing there', async () => {
  const script = `const { PosthornInbox } = await import('posthorn/element'); console.log(PosthornInbox.name)`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ])
  expect({ stdout, stderr }).toEqual({ stdout: 'PosthornInbox\n', stderr: '' })
})

describe.skipIf(!hasChromium)('in a page', () => {
  const open = useStage()

  test('works where it is made by a script and is given its inbox before it is in the document', async () => {
    const { page, bell } = await open()
    await page.evaluate(() => {
      window.element().remove()
      const element = document.createElement('posthorn-inbox')
      element.inbox = window.fake
      window.fake.put()
      document.querySelector('nav')?.append(element)
    })
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 1 unread')
  })

  test('takes what it was given before it was defined', async () => {
    const { page, bell, toasts } = await open({ isStopped: true })
    await page.goto(new URL('/late', page.url()).href)
    await page.waitForFunction(() => 'load' in window)
    await page.evaluate(async () => {
      window.fake.put()
      window.element().inbox = window.fake
      window.element().toasts = 1
      await window.load('/element.js')
    })
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 1 unread')
    await page.evaluate(() => {
      window.fake.put({ title: 'One' }, 'live')
      window.fake.put({ title: 'Two' }, 'live')
    })
    await expect.poll(() => toasts.allInnerTexts()).toEqual(['Two'])
  })

  test('leaves no listener behind when it leaves the document, and listens again when it is back', async () => {
    const { page, bell } = await open()
    const listeners = (): Promise<number> => page.evaluate(() => window.fake.listeners)
    expect(await listeners()).toBeGreaterThan(0)
    await page.evaluate(() => {
      window.kept = window.element()
      window.kept.open = true
      window.kept.remove()
    })
    expect(await listeners()).toBe(0)
    await page.evaluate(() => {
      window.fake.put()
      if (window.kept) document.body.append(window.kept)
    })
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 1 unread')
    await page.getByRole('dialog').waitFor()
  })

  test('leaves one inbox for another, and for none', async () => {
    const { page, bell, panel } = await open({ before: () => void window.fake.put() })
    await bell.click()
    const counts = await page.evaluate(async () => {
      const other = new window.FakeInbox()
      other.put({ title: 'Another’s' })
      other.put({ title: 'Another’s, too' })
      window.element().inbox = other
      await window.element().updateComplete
      return [window.fake.listeners, other.listeners > 0]
    })
    expect(counts).toEqual([0, true])
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, 2 unread')
    await page.evaluate(() => (window.element().inbox = undefined))
    await expect.poll(() => bell.getAttribute('aria-label')).toBe('Notifications, offline')
    expect(await panel.innerText()).toContain('Not connected.')
  })

  test('a page that loads it twice keeps the first', async () => {
    const { page, bell } = await open()
    await page.goto(new URL('/twice', page.url()).href)
    await bell.waitFor()
    const isSame = await page.evaluate(async () => {
      const first = customElements.get('posthorn-inbox')
      await window.load('/element.js?again')
      return customElements.get('posthorn-inbox') === first
    })
    expect(isSame).toBe(true)
    expect(await bell.count()).toBe(1)
  })

  test('is styled by variables and parts', async () => {
    const { bell, panel } = await open({
      before() {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(`
          posthorn-inbox { --posthorn-surface: rgb(1, 2, 3); --posthorn-width: 300px }
          posthorn-inbox::part(heading) { color: rgb(4, 5, 6) }
        `)
        document.adoptedStyleSheets.push(sheet)
      },
    })
    await bell.click()
    expect(await panel.evaluate((panel) => getComputedStyle(panel).backgroundColor)).toBe(
      'rgb(1, 2, 3)',
    )
    expect((await panel.boundingBox())?.width).toBe(300)
    const heading = panel.getByRole('heading')
    expect(await heading.evaluate((heading) => getComputedStyle(heading).color)).toBe(
      'rgb(4, 5, 6)',
    )
  })

  test.for(['title', 'body', 'time', 'priority', 'heading', 'toast-title', 'toast-body'])(
    'the words of the part %s look as the page says',
    async (part, { expect }) => {
      const { page, bell } = await open({ isStopped: true })
      await page.evaluate((part) => {
        const sheet = new CSSStyleSheet()
        const look = 'color: rgb(1, 2, 3); font-size: 31px; font-weight: 250'
        sheet.replaceSync(`posthorn-inbox::part(${part}) { ${look} }`)
        document.adoptedStyleSheets.push(sheet)
        window.fake.put({ title: 'Shipped', body: 'Words', priority: 'high' }, 'live')
      }, part)
      if (!part.startsWith('toast')) await bell.click()
      const look = await page.locator(`[part~=${part}]`).evaluate((part) => {
        const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT)
        let words: Node | null = null
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
          if (text.textContent?.trim()) words = text
        }
        if (!words?.parentElement) throw new Error('it has no words')
        const { color, fontSize, fontWeight } = getComputedStyle(words.parentElement)
        return { color, fontSize, fontWeight }
      })
      expect(look).toEqual({ color: 'rgb(1, 2, 3)', fontSize: '31px', fontWeight: '250' })
    },
  )

  test('takes a sign for the bell, words for the empty panel and a footer from the page', async () => {
    const { page, panel } = await open({
      before() {
        for (const slot of ['bell', 'empty', 'footer']) {
          const own = document.createElement('span')
          own.slot = slot
          own.textContent = `My ${slot}`
          window.element().append(own)
        }
      },
    })
    await page.getByText('My bell').click()
    await page.getByText('My empty').waitFor()
    const footer = page.getByText('My footer')
    await footer.click()
    const [box, frame] = [await footer.boundingBox(), await panel.boundingBox()]
    expect([box?.x, box?.width]).toEqual([(frame?.x ?? NaN) + 1, (frame?.width ?? NaN) - 2])
    expect(await footer.evaluate((footer) => getComputedStyle(footer).paddingLeft)).toBe('18px')
    expect(await panel.getByText('all caught up').isVisible()).toBe(false)
  })

  test('draws nothing by itself outside of the document', async () => {
    const { page, bell } = await open()
    await page.clock.install()
    await bell.click()
    const drawn = await page.evaluate(async () => {
      const element = window.element()
      element.remove()
      element.requestUpdate()
      await element.updateComplete
      let count = 0
      element.addController({ hostUpdated: () => void count++ })
      window.drawn = () => count
      return count
    })
    await page.clock.runFor(120_000)
    expect(await page.evaluate(() => window.drawn?.())).toBe(drawn)
  })

  test('stays above what would clip it', async () => {
    const { page, bell, panel } = await open({
      before: () => {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(`
          nav { overflow: hidden; position: relative; z-index: 0 }
          main { position: relative; z-index: 9; background: white }
        `)
        document.adoptedStyleSheets.push(sheet)
        window.fake.put({ title: 'Shipped' })
      },
    })
    await bell.click()
    await panel.getByRole('button', { name: 'Unread: Shipped' }).click()
    expect(await page.evaluate(() => window.fake.asked)).toContain('read n1')
  })
})

declare global {
  interface Window {
    drawn?: () => number
    kept?: HTMLElementTagNameMap['posthorn-inbox']
  }
}
