import { describe, expect, test } from 'vitest'
import {
  requireService,
  requireUser,
  SCOPES,
  type ServicePrincipal,
  type UserPrincipal,
} from '../../src/auth/principal.js'

const user: UserPrincipal = {
  kind: 'user',
  issuer: '',
  user: 'alice',
  device: undefined,
  expiresAt: 0,
}
const service: ServicePrincipal = {
  kind: 'service',
  issuer: '',
  subject: 'shop',
  scopes: new Set(['posthorn:send']),
  expiresAt: 0,
}

describe('a service', () => {
  test('is let by with the scope that is asked for', () => {
    expect(requireService(service, 'posthorn:send')).toBe(service)
  })

  test.each(SCOPES.filter((scope) => scope !== 'posthorn:send'))(
    'is refused without %s, and told so',
    (scope) => {
      expect(() => requireService(service, scope)).toThrow(
        expect.objectContaining({
          code: 'insufficient_scope',
          message: `This needs the scope ${scope}.`,
        }),
      )
    },
  )

  test('is no user', () => {
    expect(() => requireUser(service)).toThrow(
      expect.objectContaining({ code: 'insufficient_scope' }),
    )
  })
})

describe('a user', () => {
  test('is let by as a user', () => {
    expect(requireUser(user)).toBe(user)
  })

  test.each(SCOPES)('is no service, by no scope: %s', (scope) => {
    expect(() => requireService(user, scope)).toThrow(
      expect.objectContaining({ code: 'insufficient_scope' }),
    )
  })
})
