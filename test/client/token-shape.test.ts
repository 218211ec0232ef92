import { expect, test } from 'vitest'
import type { InboxError } from '../../src/client/errors.js'
import { open } from '../../src/client/core.js'
import { connectFailed, tokenFailed, tokenOf } from '../../src/client/token-shape.js'
import { fakeToken, World } from './world.js'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln_-bmF0dXJl'

function failureOf(answer: unknown): unknown {
  try {
    return tokenOf(answer)
  } catch (error) {
    return error
  }
}

test.each([TOKEN, `${TOKEN}\n`, ` \r\n${TOKEN} `, 'a.b.c', `a.b.${'c'.repeat(8_188)}`])(
  'takes what looks like a token, without the white space around it: %j',
  (answer) => {
    expect(tokenOf(answer)).toBe(answer.trim())
  },
)

const NO_JWT = 'no JWT: three parts of A-Z a-z 0-9 _ - with dots between them.'

test.each<[unknown, string]>([
  [undefined, 'undefined: is a `return` missing?'],
  [null, 'null.'],
  [{ token: TOKEN }, 'a value of type object, and no string.'],
  [42, 'a value of type number, and no string.'],
  [' \n', 'an empty text.'],
  [`<!doctype html><p>${TOKEN}`, 'a page of HTML: is it fetched from the right address?'],
  [`{"token":"${TOKEN}"}`, 'JSON, and not the token alone.'],
  [`Bearer ${TOKEN}`, '`Bearer` before the token, and not the token alone.'],
  [`a.b.${'c'.repeat(8_189)}`, 'more than 8192 characters.'],
  [`${TOKEN}\n${TOKEN}`, NO_JWT],
  ['opaque', NO_JWT],
  ['a.b', NO_JWT],
  ['a.b.', NO_JWT],
  ['a.b.c.d', NO_JWT],
  ['a.b.c=', NO_JWT],
  ['a.b+.c', NO_JWT],
  ['a.ü.c', NO_JWT],
])('says what is wrong with %j, and nothing of it', (answer, why) => {
  const message = `\`token\` gave ${why}`
  const failure = failureOf(answer)
  expect(failure).toMatchObject({ code: 'token_failed', retryable: true, message })
  expect(failure).not.toHaveProperty('cause')
})

test('hands on what `token` threw', () => {
  const cause = new Error('signed out')
  expect(tokenFailed(cause)).toMatchObject({ code: 'token_failed', cause })
})

test('shows nothing of a token that a browser names when it opens no socket', () => {
  const cause = new SyntaxError(`The subprotocol 'bearer.${TOKEN}' is invalid.`)
  const failure = connectFailed(cause, TOKEN)
  expect(failure.message).toBe(
    "The socket could not be opened: The subprotocol 'bearer.…' is invalid.",
  )
  expect(failure).not.toHaveProperty('cause')
})

test('reports a token that is none on each attempt, until there is one', async () => {
  await using world = new World()
  const answers = ['', '<html>', `${fakeToken('alice')}\n`]
  const client = world.open({ token: () => answers.shift() ?? '' })
  await world.time.settle()
  expect(client.inbox.status).toMatchObject({ state: 'waiting', attempt: 1 })
  await world.time.pass(10_000)
  expect(client.errors).toEqual(['token_failed', 'token_failed'])
  expect(world.server.sockets).toHaveLength(1)
  expect(world.server.last.request.token).toBe(fakeToken('alice'))
})

test('reports a socket that can not be opened as such, and tries again', async () => {
  await using world = new World()
  let attempts = 0
  const errors: InboxError[] = []
  const { storage } = world
  await using inbox = open(
    { url: 'ws://notify.example', token: () => TOKEN, storage, device: () => 'phone' },
    {
      ...world.environment,
      openSocket: (request, events) => {
        if (++attempts > 2) return world.server.open(request, events)
        throw new Error(`no socket with ${request.token}`)
      },
    },
  )
  inbox.on('error', (error) => void errors.push(error))
  await world.time.pass(10_000)
  expect(errors).toMatchObject([
    {
      code: 'connect_failed',
      retryable: true,
      message: 'The socket could not be opened: no socket with …',
    },
    { code: 'connect_failed' },
  ])
  world.server.last.welcome()
  expect(inbox.status.state).toBe('open')
  const closed = inbox.close()
  await world.time.pass(5_000)
  await closed
})
