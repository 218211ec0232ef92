import { afterEach, expect, test, vi } from 'vitest'
import { countedKeys, NOW, refusal, sign, verifier } from './tokens.js'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Owns the cache's clock, which is `performance.now` and a timer that lets it look again. */
function cacheClock(): { pass: (milliseconds: number) => void } {
  let now = 1_000
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return {
    pass(milliseconds) {
      now += milliseconds
      vi.advanceTimersByTime(milliseconds)
    },
  }
}

test('checks the signature of the same token once', async () => {
  const { keys, count } = countedKeys()
  const verify = verifier({ keys })
  const token = await sign()
  const first = await verify(token)
  expect(await verify(token)).toEqual(first)
  expect(count()).toBe(1)
  await verify(await sign({ sub: 'bob' }))
  expect(count()).toBe(2)
})

test('believes no token for longer than it lives, though it is remembered', async () => {
  const { keys, count } = countedKeys()
  let now = NOW
  const verify = verifier({ keys, clock: () => now * 1_000 })
  const token = await sign({ exp: NOW + 60 })
  await verify(token)
  now = NOW + 59
  await verify(token)
  expect(count()).toBe(1)
  // Within the tolerance the token is looked at anew, each time.
  now = NOW + 60
  await verify(token)
  now = NOW + 89
  await verify(token)
  expect(count()).toBe(3)
  now = NOW + 90
  expect((await refusal(verify, token)).code).toBe('token_expired')
  expect((await refusal(verify, token)).code).toBe('token_expired')
})

test('believes a token by memory for five minutes, and not a moment longer for being used', async () => {
  const { pass } = cacheClock()
  const { keys, count } = countedKeys()
  const verify = verifier({ keys })
  const token = await sign()
  await verify(token)
  for (let minute = 1; minute < 5; minute++) {
    pass(60_000)
    await verify(token)
  }
  pass(59_990)
  await verify(token)
  expect(count()).toBe(1)
  pass(20)
  await verify(token)
  expect(count()).toBe(2)
})

test('remembers no token that was refused', async () => {
  const { keys, count } = countedKeys()
  const verify = verifier({ keys })
  const token = await sign({}, { key: Buffer.alloc(32, 'x') })
  for (let turn = 1; turn <= 3; turn++) {
    expect((await refusal(verify, token)).code).toBe('invalid_token')
    expect(count()).toBe(turn)
  }
})

test('takes the memory of one verifier for nobody else', async () => {
  const token = await sign()
  await verifier()(token)
  const other = verifier({ name: 'https://issuer.example' })
  expect((await refusal(other, token)).code).toBe('invalid_token')
})

const largeToken = (number: number) => sign({ sub: `user-${number}`, padding: 'x'.repeat(5_800) })

test('forgets the oldest tokens where there are too many: the memory is bounded', async () => {
  const { keys, count } = countedKeys()
  const verify = verifier({ keys })
  const first = await largeToken(0)
  await verify(first)
  // 1,500 tokens of 7.9 KiB take over 22 MiB, counted at two bytes a character.
  for (let number = 1; number <= 1_500; number++) await verify(await largeToken(number))
  expect(count()).toBe(1_501)
  await verify(await largeToken(1_500))
  expect(count()).toBe(1_501)
  await verify(first)
  expect(count()).toBe(1_502)
})
