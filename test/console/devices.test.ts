import { describe, expect, test } from 'vitest'
import { hasChromium } from '../browser.js'
import { Doorway } from '../client/doorway.js'
import { startService, type Api } from '../harness.js'
import { IN_DEVELOPMENT, mint, numbers, sendMany } from './asking.js'
import { untilLive } from './pages.js'
import { SOON, useBrowser } from './use-browser.js'

/** Sends as a service, around the page. */
async function send(api: Api, count: number, from = 1): Promise<void> {
  const token = await mint(api, { service: true })
  await sendMany(api, { token, user: 'alice', count, from })
}

describe.skipIf(!hasChromium)('the devices of the console', () => {
  const openConsole = useBrowser()

  test('signs a user in, and shows what arrives on both devices, with cursor and frames', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'Hello', Body: '' })
    for (const pane of [desk.phone, desk.laptop]) {
      await expect
        .poll(() => pane.rows(), SOON)
        .toEqual([{ seq: 1, marks: ['live'], title: 'Hello' }])
      await expect.poll(() => pane.fact('cursor'), SOON).toBe('1')
      expect(await pane.fact('latest')).toBe('1')
      expect(await pane.fact('unread')).toBe('1')
      expect(await pane.frames()).toEqual([
        'received welcome',
        'received caught_up',
        'received notification',
        'sent ack',
      ])
    }
    await expect.poll(() => desk.answer().textContent(), SOON).toMatch(/stored\s+at seq 1/)
  })

  test('replays what a device missed while it was disconnected: in order, once', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.phone.button('Disconnect').click()
    await expect.poll(() => desk.phone.status(), SOON).toBe('not connected')
    await desk.field('Body').fill('')
    await desk.button('Send 3').click()
    const three = ['Order shipped #1', 'Order shipped #2', 'Order shipped #3']
    await expect.poll(() => desk.laptop.titles('live'), SOON).toEqual(three)
    expect(await desk.phone.rows()).toEqual([])
    await desk.phone.button('Connect').click()
    await expect.poll(() => desk.phone.titles('replayed'), SOON).toEqual(three)
    await expect.poll(() => desk.phone.fact('replayed'), SOON).toBe('3')
    expect(await desk.phone.lines()).toEqual([
      'connected at 0; the log is at 0',
      'disconnected',
      'connected at 0; the log is at 3',
    ])
  })

  // Of the loopback's other addresses only Linux has each.
  test.skipIf(process.platform !== 'linux')(
    'misses ten while the network is gone, and receives them on a new connection: in order, once, marked as replayed',
    async () => {
      await using service = await startService(IN_DEVELOPMENT)
      // In development pages are let in by a loopback address with the service's own port.
      const port = Number(new URL(service.url).port)
      await using network = await Doorway.open(service.url, '127.0.0.2', port)
      await using desk = await openConsole(network.url)
      await desk.enter()
      const panes = [desk.phone, desk.laptop]
      await send(service.api, 1)
      for (const pane of panes) {
        await expect.poll(() => pane.titles('live'), SOON).toEqual(['number 1'])
      }
      network.cut()
      for (const pane of panes) {
        await expect.poll(() => pane.status(), SOON).toMatch(/^waiting, next try in \d+ s$/)
      }
      await send(service.api, 10, 2)
      network.mend()
      await untilLive(...panes)
      for (const pane of panes) {
        await expect.poll(() => pane.titles('replayed'), SOON).toEqual(numbers(10, 2))
        expect(await pane.titles('live')).toEqual(['number 1'])
        expect(await pane.lines()).toEqual([
          'connected at 0; the log is at 0',
          'the connection is gone',
          'connected at 1; the log is at 11',
        ])
      }
    },
  )

  test('shows in one device what was read in the other', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'Hello', Body: '' })
    await desk.phone.button('Mark read: Hello').click()
    await desk.laptop.button('Mark unread: Hello').waitFor()
    await expect.poll(() => desk.laptop.fact('unread'), SOON).toBe('0')
    expect((await desk.laptop.rows()).at(-1)).toEqual({
      seq: 2,
      marks: ['updated', 'live'],
      title: 'Hello',
    })
    await desk.laptop.button('Archive: Hello').click()
    await desk.phone.button('Archive: Hello').waitFor({ state: 'detached' })
  })

  test('shows the same in two tabs', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using first = await openConsole(service.url)
    await first.signIn()
    const second = await first.openTab()
    await second.signIn()
    await untilLive(first.phone, first.laptop, second.phone, second.laptop)
    await first.send({ Title: 'Hello', Body: '' })
    for (const pane of [first.phone, first.laptop, second.phone, second.laptop]) {
      await expect.poll(() => pane.titles('live'), SOON).toEqual(['Hello'])
    }
    await second.phone.button('Mark read: Hello').click()
    await first.phone.button('Mark unread: Hello').waitFor()
    await expect.poll(() => first.laptop.fact('unread'), SOON).toBe('0')
  })

  test('goes on after a reload where it was, and is handed nothing twice', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await send(service.api, 2)
    await expect.poll(() => desk.phone.fact('cursor'), SOON).toBe('2')
    await expect.poll(() => desk.laptop.fact('cursor'), SOON).toBe('2')
    await desk.laptop.button('Disconnect').click()
    await expect.poll(() => desk.laptop.status(), SOON).toBe('not connected')
    await desk.page.reload()
    await untilLive(desk.phone)
    await send(service.api, 1, 3)
    await expect
      .poll(() => desk.phone.rows(), SOON)
      .toEqual([{ seq: 3, marks: ['live'], title: 'number 3' }])
    expect(await desk.laptop.status()).toBe('not connected')
    await desk.laptop.button('Connect').click()
    await expect.poll(() => desk.laptop.titles('replayed'), SOON).toEqual(['number 3'])
  })

  test('have the element of the applications, which marks here and follows no link', async () => {
    await using service = await startService(IN_DEVELOPMENT)
    await using desk = await openConsole(service.url)
    await desk.enter()
    await desk.send({ Title: 'Hello', URL: '/elsewhere' })
    const bell = desk.phone.region.locator('posthorn-inbox')
    await bell.getByRole('button', { name: 'Inbox of phone, 1 unread' }).click()
    await bell.getByText('Hello').click()
    await desk.laptop.button('Mark unread: Hello').waitFor()
    expect(new URL(desk.page.url()).pathname).toBe('/')
  })
})
