import { describe, expect, test } from 'vitest'
import { ConsoleToken } from '../../src/protocol/console.js'
import { hasChromium, openBrowser } from '../browser.js'
import { startService } from '../harness.js'

const DEVELOPMENT = { environment: { JWT_SECRET: '' } }

/** Asks for a token as a page may: the answer, or that the browser keeps it from the page. */
async function askForToken(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'alice' }),
    })
    return await answer.json()
  } catch (error) {
    return String(error)
  }
}

describe.skipIf(!hasChromium)("the console's page in Chromium", () => {
  test('loads what it is made of, is given a token, and connects, under its own policy', async () => {
    await using service = await startService(DEVELOPMENT)
    await using chromium = await openBrowser()
    const page = await chromium.page()
    const asked: [string, number][] = []
    page.on('response', (response) => {
      asked.push([new URL(response.url()).pathname, response.status()])
    })
    await page.goto(service.url, { waitUntil: 'load' })
    for (const path of ['/', '/console/page.js', '/console/page.css']) {
      expect(asked).toContainEqual([path, 200])
    }

    const answer = await page.evaluate(askForToken, `${service.url}/console/tokens`)
    const { token } = ConsoleToken.parse(answer)
    const welcomed = await page.evaluate(
      ([url, token]) => {
        const socket = new WebSocket(url, ['posthorn.v1', `bearer.${token}`])
        return new Promise<string>((resolve) => {
          socket.addEventListener('message', ({ data }) => resolve(String(data)))
          socket.addEventListener('error', () => resolve('refused'))
        })
      },
      [`${service.url.replace('http:', 'ws:')}/v1/socket?device=tab`, token] as const,
    )
    expect(JSON.parse(welcomed)).toMatchObject({ type: 'welcome', payload: { user: 'alice' } })
    expect(chromium.complaints).toEqual([])
  })

  test('reaches nothing else, and cannot be framed', async () => {
    await using service = await startService(DEVELOPMENT)
    await using other = await startService({ environment: { ALLOWED_ORIGINS: service.url } })
    await using chromium = await openBrowser()
    const page = await chromium.page()
    await page.goto(service.url)
    expect(await page.evaluate(askForToken, `${other.url}/v1/inbox/mark`)).toMatch(
      /Failed to fetch/,
    )
    expect(chromium.complaints.join('\n')).toMatch(/connect-src 'self'/)

    // A page that may frame anything, as far as it has a say.
    const framing = await chromium.page({ bypassCSP: true })
    await framing.goto(`${service.url}/healthz`)
    const refused = framing.waitForEvent('console', (message) => message.text().includes('Framing'))
    await framing.setContent(`<iframe src="${service.url}/"></iframe>`)
    expect((await refused).text()).toContain("frame-ancestors 'none'")
  })

  test('of another service is given no token', async () => {
    await using service = await startService(DEVELOPMENT)
    await using evil = await startService({ environment: { CONSOLE: 'true' } })
    await using chromium = await openBrowser()
    // What keeps the answer from such a page is not its own policy.
    const page = await chromium.page({ bypassCSP: true })
    for (const opened of [`${evil.url}/healthz`, `${service.url}/healthz`]) {
      await page.goto(opened)
      const localhost = service.url.replace('127.0.0.1', 'localhost')
      const asked = await page.evaluate(askForToken, `${localhost}/console/tokens`)
      expect(asked).toMatch(/Failed to fetch/)
    }
  })
})
