import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { startService } from '../harness.js'
import { IN_DEVELOPMENT } from './asking.js'
import { untilLive } from './pages.js'
import { SOON, useBrowser } from './use-browser.js'

describe.skipIf(!hasChromium)('what the console sends', () => {
  const openConsole = useBrowser()

  test('takes back what it sent', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'A mistake', Body: '' })
    await desk.button('Recall: A mistake').click()
    for (const pane of [desk.phone, desk.laptop]) {
      await expect.poll(() => pane.titles('removed'), SOON).toEqual(['A mistake'])
      await expect.poll(() => pane.fact('unread'), SOON).toBe('0')
    }
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/recalled/)
    await expect.poll(() => desk.button('Recalled: A mistake').isDisabled(), SOON).toBe(true)
  })

  test('sends to several users, each on a device of the page', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.laptop.button('Disconnect').click()
    await desk.laptop.field('User').fill('bob')
    await desk.laptop.button('Connect').click()
    await untilLive(desk.laptop)
    await desk.field('To').selectOption('users')
    await desk.send({ 'Users, with commas': 'alice, bob', Title: 'Hello, both', Body: '' })
    for (const pane of [desk.phone, desk.laptop]) {
      await expect.poll(() => pane.titles('live'), SOON).toEqual(['Hello, both'])
    }
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/2 recipients, 2 stored/)
  })

  test('sends to a topic, once the user is subscribed', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.field('To').selectOption('topic')
    await desk.field('Topic').fill('news.eu')
    await desk.button('Subscribe alice').click()
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/subscribed/)
    await desk.send({ Title: 'News', Body: '' })
    await expect.poll(() => desk.phone.titles('live'), SOON).toEqual(['News'])
  })

  test('shows texts as texts, whatever they hold', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    const title = '<img src=x onerror="document.title=1"><b>bold</b>'
    await desk.send({ Title: title, Body: '' })
    await expect.poll(() => desk.phone.titles('live'), SOON).toEqual([title])
    expect(await desk.page.locator('img').count()).toBe(0)
    expect(await desk.page.title()).toBe('Posthorn console')
  })

  test('shows why a send is refused, and at which field', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.signIn()
    await desk.send({ URL: 'javascript:alert(1)', 'TTL, seconds': '-5' })
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/422\s+invalid_request/)
    expect(await desk.answer().getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^\/url /),
      expect.stringMatching(/^\/ttl /),
    ])
    expect(await desk.field('URL').getAttribute('aria-invalid')).toBe('true')
    expect(await desk.field('Title').getAttribute('aria-invalid')).toBeNull()
    await desk.field('URL').fill('/orders')
    await expect.poll(() => desk.field('URL').getAttribute('aria-invalid'), SOON).toBeNull()
    expect(await desk.field('TTL, seconds').getAttribute('aria-invalid')).toBe('true')
  })

  test('takes the mark off a recipient once it is of another kind', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.signIn()
    await desk.send({ User: '' })
    await expect
      .poll(() => desk.field('User').first().getAttribute('aria-invalid'), SOON)
      .toBe('true')
    await desk.field('To').selectOption('topic')
    await expect.poll(() => desk.field('Topic').getAttribute('aria-invalid'), SOON).toBeNull()
  })

  test('says what a TTL is before it is sent, and offers no recall of what is not kept', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.field('TTL, seconds').fill('1.5')
    await desk.page.getByText('Whole seconds, like 60.').waitFor()
    expect(await desk.button('Send').isDisabled()).toBe(true)
    await desk.send({ 'TTL, seconds': '0', Title: 'Now or never', Body: '' })
    await expect.poll(() => desk.phone.titles('ephemeral'), SOON).toEqual(['Now or never'])
    await desk.page.locator('.sent-list').getByText('not kept').waitFor()
    expect(await desk.button('Recall: Now or never').count()).toBe(0)
  })

  test('numbers only what was accepted', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.field('URL').fill('nowhere')
    await desk.button('Send 3').click()
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/422/)
    await desk.field('URL').fill('')
    await desk.field('Body').fill('')
    await desk.button('Send 3').click()
    const three = ['Order shipped #1', 'Order shipped #2', 'Order shipped #3']
    await expect.poll(() => desk.phone.titles('live'), SOON).toEqual(three)
  })

  test('checks the data as it is typed, and shows the send as a command without a token', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.signIn()
    await desk.page.getByText('As a command').click()
    const command = desk.page.locator('pre.command')
    expect(await command.textContent()).toContain('"Authorization: Bearer $TOKEN"')
    await desk.field('Data, as JSON').fill('{ "order": ')
    await expect.poll(() => desk.button('Send').isDisabled(), SOON).toBe(true)
    expect(await desk.page.locator('#compose-data-fault').textContent()).toMatch(/JSON/)
    await desk.field('Data, as JSON').fill('{ "order": 17 }')
    await expect.poll(() => desk.button('Send').isDisabled(), SOON).toBe(false)
    expect(await command.textContent()).toContain('"order": 17')
    await desk.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await desk.button('Copy the command').click()
    await desk.button('Copied the command').waitFor()
    const copied = await desk.page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe(await command.textContent())
  })
})
