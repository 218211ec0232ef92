import { expect, test } from 'vitest'
import { randomBytes } from '../../src/inbox/random-bytes.js'

test('gives as many bytes as were asked for, and never the same ones again', () => {
  const drawn = Array.from({ length: 2_000 }, () => Buffer.from(randomBytes(16)).toString('hex'))
  expect(new Set(drawn.map(({ length }) => length))).toEqual(new Set([32]))
  expect(new Set(drawn).size).toBe(2_000)
})
