import { describe, expect, test } from 'vitest'
import { deviceFor, requireDevice } from '../../src/auth/device.js'
import type { UserPrincipal } from '../../src/auth/principal.js'
import { noIdentity } from '../nothing-revoked.js'

const free: UserPrincipal = {
  kind: 'user',
  issuer: '',
  user: 'alice',
  device: undefined,
  topics: [],
  expiresAt: 0,
  identity: noIdentity,
}
const bound: UserPrincipal = { ...free, device: 'phone' }

describe('the device of a connection', () => {
  test('is the one that is asked for, where the token serves any', () => {
    expect(deviceFor(free, 'laptop')).toBe('laptop')
  })

  test('is the token’s, asked for or not', () => {
    expect(deviceFor(bound, undefined)).toBe('phone')
    expect(deviceFor(bound, 'phone')).toBe('phone')
  })

  test('is required of one of them', () => {
    expect(() => deviceFor(free, undefined)).toThrow(
      expect.objectContaining({ code: 'device_required' }),
    )
  })

  test.each(['laptop', 'Phone', ''])('is not %j, where the token serves another', (asked) => {
    for (const act of [deviceFor, requireDevice]) {
      expect(() => act(bound, asked)).toThrow(
        expect.objectContaining({ code: 'device_not_allowed' }),
      )
    }
  })
})

test('lets a token that serves any device have any', () => {
  expect(() => requireDevice(free, 'laptop')).not.toThrow()
  expect(() => requireDevice(bound, 'phone')).not.toThrow()
})
