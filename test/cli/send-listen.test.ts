import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { listenCommand } from '../../src/cli/listen.js'
import { sendCommand } from '../../src/cli/send.js'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { Down } from '../../src/protocol/down/index.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, temporaryFolder, tokenFor } from '../harness.js'
import { AsUser } from '../http/as-user.js'
import { runCommand, ServiceProcess, type RunningService } from '../process.js'
import { Listening } from './listening.js'

let folder: ReturnType<typeof temporaryFolder>
let service: RunningService

beforeAll(async () => {
  folder = temporaryFolder()
  service = await ServiceProcess.start(join(folder.path, 'posthorn.db'))
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function send(...words: string[]): Promise<SendReceipt> {
  const result = await runCommand(['send', '--url', service.api.url, ...words])
  expect([result.code, result.errors]).toEqual([0, ''])
  return SendReceipt.parse(JSON.parse(result.output))
}

/** Resolves when the service has it on disk that a device has a notification. */
async function delivered(id: string): Promise<void> {
  for (;;) {
    const response = await service.api.request(`/v1/notifications/${id}/deliveries`, {
      token: await serviceToken(),
    })
    const { items } = DeliveryList.parse(await response.json())
    if (items.some(({ status }) => status === 'delivered')) return
  }
}

const isType = (type: string) => (line: string) =>
  z.looseObject({ type: z.string() }).parse(JSON.parse(line)).type === type
const titleOf = (line: string): unknown => {
  const message = Down.parse(JSON.parse(line))
  return message.type === 'notification' && message.payload.notification.title
}
const titlesOf = ({ lines }: Listening) => lines.map(titleOf).filter((title) => title !== false)

test('what `send` sends, `listen` prints and acknowledges: a second `listen` gets nothing again', async () => {
  await send('--user', 'alice', '--type', 'order.shipped', '--title', 'before')
  const words = ['--user', 'alice', '--url', service.api.url, '--json']
  await using first = new Listening(words)
  await first.line(isType('caught_up'))
  const { id } = await send('--user', 'alice', '--type', 'order.shipped', '--title', 'live')
  await first.line((line) => titleOf(line) === 'live')
  for (const line of first.lines) expect(Down.safeParse(JSON.parse(line)).success).toBe(true)
  expect(titlesOf(first)).toEqual(['before', 'live'])
  await delivered(id)
  expect(await first.interrupt()).toBe(0)

  await using second = new Listening(words)
  await second.line(isType('caught_up'))
  expect(titlesOf(second)).toEqual([])
  expect(await second.line(isType('welcome'))).toContain('"cursor":2')
  expect(await second.interrupt()).toBe(0)

  await using other = new Listening([...words, '--device', 'laptop'])
  await other.line(isType('caught_up'))
  expect(titlesOf(other)).toEqual(['before', 'live'])
})

test('`listen` without --json prints lines for people', async () => {
  await send('--user', 'bob', '--type', 'greeting', '--title', 'Hello', '--body', 'World')
  await send('--user', 'bob', '--type', 'greeting', '--data', '{"order":[8812]}')
  await using listening = new Listening(['--user', 'bob', '--url', service.api.url])
  await listening.line((line) => line.startsWith('up to date'))
  expect(listening.lines[0]).toBe('connected as bob on terminal, 2 unread')
  expect(listening.lines[1]).toMatch(/#1 .*greeting.*Hello.*World/)
  expect(listening.lines[2]).toMatch(/#2 .*greeting.*\{"order":\[8812\]\}/)
})

test('`listen` tells what becomes of a notification that it has printed, and acknowledges that too', async () => {
  const { id } = await send('--user', 'erin', '--type', 'greeting', '--title', 'Hello')
  const words = ['--user', 'erin', '--url', service.api.url]
  await using first = new Listening(words)
  await delivered(id)
  await first.interrupt()
  await using listening = new Listening(words)
  await using asJson = new Listening([...words, '--json'])
  await Promise.all([
    listening.line((line) => line.startsWith('up to date')),
    asJson.line(isType('caught_up')),
  ])

  const erin = await AsUser.of(service.api, 'erin')
  const states = ['seen', 'read', 'archived', 'unarchived', 'unread']
  for (const [index, action] of states.entries()) {
    await erin.mark({ action, ids: [id] })
    // An entry that changes faster than it is read is told of where it rests.
    await listening.line((line) => line.startsWith(`#${index + 2} `))
  }
  const told = ['seen', 'read', 'archived', 'read', 'seen']
  expect(listening.lines.slice(-5)).toEqual(
    told.map((state, index) => `#${index + 2}  ${id} is ${state}`),
  )
  const last = Down.parse(JSON.parse(await asJson.line((line) => line.includes('"seq":6'))))
  expect(last).toMatchObject({ type: 'updated', payload: { seq: 6, id, readAt: null } })

  // What was acknowledged does not come again.
  await Promise.all([listening.interrupt(), asJson.interrupt()])
  await using again = new Listening([...words, '--json'])
  await again.line(isType('caught_up'))
  expect(await again.line(isType('welcome'))).toContain('"cursor":6')
})

test('`send` sends every field that it takes', async () => {
  const { id } = await send('--user', 'carol', '--type', 't', '--title', 'T', '--data', '[1,null]')
  const response = await service.api.request(`/v1/notifications/${id}`, {
    token: await serviceToken(),
  })
  expect(await response.json()).toMatchObject({
    type: 't',
    title: 'T',
    body: null,
    data: [1, null],
    sender: 'posthorn-cli',
  })
})

test('both take a token of one’s own', async () => {
  const own = await tokenFor('own-service', { scope: 'posthorn:send' })
  await send('--user', 'dave', '--type', 't', '--title', 'mine', '--token', own)
  const words = ['--user', 'dave', '--url', service.api.url, '--json']
  await using listening = new Listening([...words, '--token', await tokenFor('dave')])
  const mine = await listening.line((line) => titleOf(line) === 'mine')
  expect(mine).toContain('"sender":"own-service"')
})

/** What a command says that ends with 1: no stack, and nothing on standard output. */
async function refused(name: 'send' | 'listen', ...words: string[]): Promise<string> {
  const { code, output, errors } = await runCommand([name, ...words])
  expect([code, output]).toEqual([1, ''])
  expect(errors).toMatch(/^posthorn: /)
  expect(errors).not.toMatch(/^\s+at /m)
  return errors
}

test.each([
  [sendCommand, []],
  [sendCommand, ['--user', 'alice']],
  [sendCommand, ['--type', 't']],
  [sendCommand, ['--user', '', '--type', 't']],
  [sendCommand, ['--user', 'alice', '--type', 't', '--unknown']],
  [sendCommand, ['alice', 't']],
  [listenCommand, []],
  [listenCommand, ['--user', '']],
  [listenCommand, ['--json']],
  [listenCommand, ['--unknown']],
  [listenCommand, ['alice']],
])('$name refuses the call %j, and says how it is called', async (command, words) => {
  await expect(command.run(words)).rejects.toThrow(`usage: posthorn ${command.name} --user ID`)
})

test.each(['localhost:8080', 'ftp://x', 'ws://127.0.0.1', 'nonsense', ''])(
  'both refuse the URL %j',
  async (url) => {
    const least = ['--user', 'alice', '--url', url]
    await expect(sendCommand.run([...least, '--type', 't'])).rejects.toThrow('--url takes')
    await expect(listenCommand.run(least)).rejects.toThrow('--url takes')
  },
)

test('`send` refuses data that is no JSON', async () => {
  const words = ['--user', 'alice', '--type', 't', '--data', '{']
  await expect(sendCommand.run(words)).rejects.toThrow('--data takes JSON')
})

describe('`send` exits 1 and says why', () => {
  test('where nobody answers', async () => {
    const url = 'http://127.0.0.1:1'
    const errors = await refused('send', '--user', 'alice', '--type', 't', '--url', url)
    expect(errors).toBe(`posthorn: no service answers at ${url}\n`)
  })

  test('where the service refuses, with the code and the fields, and no token', async () => {
    const least = ['--url', service.api.url, '--user', 'alice']
    expect(await refused('send', ...least, '--type', 'a b')).toMatch(
      /422 invalid_request: .*\n\/type: a type is/,
    )
    const token = await tokenFor('alice')
    const errors = await refused('send', ...least, '--type', 't', '--token', token)
    expect(errors).toMatch(/403 insufficient_scope/)
    expect(errors).not.toContain(token)
  })
})

describe('`listen` exits 1 and says why', () => {
  const refusedWith = 'posthorn: the service refuses the token: '

  test('where the token is refused, or has expired, or the device is none', async () => {
    const at = ['--url', service.api.url, '--user', 'alice']
    const forged = await tokenFor('alice', {}, { secret: 'a secret of somebody else, long enough' })
    expect(await refused('listen', ...at, '--token', forged)).toBe(`${refusedWith}invalid_token\n`)
    const expired = await tokenFor('alice', {}, { ttlSeconds: -60 })
    expect(await refused('listen', ...at, '--token', expired)).toBe(
      `${refusedWith}it has expired\n`,
    )
    expect(await refused('listen', ...at, '--device', 'a b')).toContain('--device takes')
  })

  test('where the service has another secret', async () => {
    const words = ['listen', '--url', service.api.url, '--user', 'alice']
    const other = { JWT_SECRET: 'a secret of somebody else, long enough' }
    expect(await runCommand(words, other)).toEqual({
      code: 1,
      output: '',
      errors: `${refusedWith}invalid_token; it has another secret than the settings here name\n`,
    })
  })

  test('where it can mint no token', async () => {
    const words = ['listen', '--url', service.api.url, '--user', 'alice']
    const keys = { JWT_SECRET: '', JWKS_URL: 'https://login.example/keys' }
    const { code, errors } = await runCommand(words, keys)
    expect([code, errors]).toEqual([
      1,
      'posthorn: JWKS_URL verifies tokens; only whoever has the private key signs\n',
    ])
  })
})
