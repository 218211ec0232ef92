import type { Page } from 'playwright'
import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { Doorway } from '../client/doorway.js'
import { startService, temporaryFolder, tokenFor } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { numbers, sendMany } from './asking.js'
import { untilLive, type ConsolePage } from './pages.js'
import { SOON, useBrowser } from './use-browser.js'

const SCOPE = 'posthorn:send posthorn:users'

/** Signs in as a service, and connects both devices as a user. */
async function enter(desk: ConsolePage): Promise<{ service: string; user: string }> {
  const service = await tokenFor('desk', { scope: SCOPE })
  const user = await tokenFor('alice')
  await desk.field('Service token').fill(service)
  await desk.button('Sign in').click()
  for (const pane of [desk.phone, desk.laptop]) {
    await pane.field('Token of a user').fill(user)
    await pane.button('Connect').click()
  }
  await untilLive(desk.phone, desk.laptop)
  return { service, user }
}

/** All that the page leaves in its browser, and where it is. */
function traces(page: Page): Promise<string> {
  return page.evaluate(() => {
    const kept = [localStorage, sessionStorage].map((storage) => JSON.stringify(storage))
    return [...kept, document.cookie, location.href].join('\n')
  })
}

describe.skipIf(!hasChromium)('the console, where tokens are not minted', () => {
  const openConsole = useBrowser()

  test('works with a token of a service and of users, and keeps none', async () => {
    await using network = await Doorway.open('http://127.0.0.1:1')
    await using service = await startService({
      environment: { CONSOLE: 'true', PUBLIC_URL: network.url },
    })
    network.leadTo(service.url)
    await using desk = await openConsole(network.url)
    const tokens = await enter(desk)
    expect(await desk.page.getByText('may not connect').count()).toBe(0)
    await desk.send({ User: 'alice', Title: 'Hello', Body: '' })
    for (const pane of [desk.phone, desk.laptop]) {
      await expect.poll(() => pane.titles('live'), SOON).toEqual(['Hello'])
      expect(await pane.region.locator('.owner').textContent()).toBe('of alice')
    }
    const kept = await traces(desk.page)
    expect(kept).toContain('phone')
    for (const token of Object.values(tokens)) {
      expect(kept).not.toContain(token)
      expect(await desk.page.content()).not.toContain(token)
    }
    await desk.page.reload()
    await desk.field('Service token').waitFor()
  })

  test('says what is wrong with a service token', async () => {
    await using service = await startService({ environment: { CONSOLE: 'true' } })
    await using desk = await openConsole(service.url)
    await desk.field('Service token').fill('not.a.token')
    await desk.button('Sign in').click()
    await desk.page.getByText(/^invalid_token: /).waitFor()
    await desk.field('Service token').fill(`“${await tokenFor('desk', { scope: SCOPE })}”`)
    await desk.button('Sign in').click()
    await desk.page.getByText(/^This is no token: /).waitFor()
    await desk.field('Service token').fill(await tokenFor('alice'))
    await desk.button('Sign in').click()
    await desk.page
      .getByText(/service/)
      .first()
      .waitFor()
    expect(await desk.phone.region.count()).toBe(0)
  })

  test('says before anybody signs in that its own pages may not connect', async () => {
    await using service = await startService({ environment: { CONSOLE: 'true' } })
    await using desk = await openConsole(service.url)
    const refusal = desk.page.getByText(/^\s*Pages of .* may not connect/)
    await refusal.waitFor()
    expect(await refusal.textContent()).toMatch(/PUBLIC_URL\s+or\s+ALLOWED_ORIGINS to it/)
    expect(await refusal.textContent()).toContain(new URL(service.url).origin)
    await desk.field('Service token').waitFor()
  })

  test('asks for a token before it connects', async () => {
    await using service = await startService({ environment: { CONSOLE: 'true' } })
    await using desk = await openConsole(service.url)
    await desk.field('Service token').fill(await tokenFor('desk', { scope: SCOPE }))
    await desk.button('Sign in').click()
    await desk.phone.button('Connect').click()
    await desk.phone.region.getByText('Paste a token of a user first.').waitFor()
    await desk.phone.field('Token of a user').fill('“a.b.c”')
    await desk.phone.button('Connect').click()
    await desk.phone.region.getByText(/^\s*This is no token: /).waitFor()
    expect(await desk.phone.status()).toBe('not connected')
  })

  test('stays while the service is killed and started again, and misses nothing', async () => {
    using folder = temporaryFolder()
    await using network = await Doorway.open('http://127.0.0.1:1')
    const start = (): ReturnType<typeof ServiceProcess.start> =>
      ServiceProcess.start(`${folder.path}/posthorn.db`, {
        CONSOLE: 'true',
        PUBLIC_URL: network.url,
      })
    const token = await tokenFor('shop', { scope: 'posthorn:send' })
    await using first = await start()
    network.leadTo(first.api.url)
    await using desk = await openConsole(network.url)
    await enter(desk)
    await sendMany(first.api, { token, user: 'alice', count: 1 })
    await expect.poll(() => desk.laptop.titles('live'), SOON).toEqual(['number 1'])
    await desk.laptop.button('Disconnect').click()
    await expect.poll(() => desk.laptop.status(), SOON).toBe('not connected')
    await sendMany(first.api, { token, user: 'alice', count: 4, from: 2 })
    await first.kill()
    await expect.poll(() => desk.phone.status(), SOON).toMatch(/^waiting, next try in/)
    await desk.page.getByText('unreachable: The service does not answer.').waitFor()
    await using second = await start()
    network.leadTo(second.api.url)
    await untilLive(desk.phone)
    await sendMany(second.api, { token, user: 'alice', count: 1, from: 6 })
    await expect.poll(() => desk.phone.rows(), SOON).toHaveLength(6)
    expect(await desk.phone.titles('live')).toEqual(numbers(6))
    await desk.laptop.button('Connect').click()
    await expect.poll(() => desk.laptop.titles('replayed'), SOON).toEqual(numbers(5, 2))
    await desk.page.getByText('unreachable').waitFor({ state: 'detached' })
  })
})
