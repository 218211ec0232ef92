import { expect, test } from 'vitest'
import { connectionId } from '../../src/socket/connection-id.js'

test('no two connections have one name, and each has 12 bytes of its own', () => {
  const ids = Array.from({ length: 2_000 }, connectionId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/)
})
