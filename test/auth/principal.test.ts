import { describe, expect, test } from 'vitest'
import {
  requireReach,
  requireService,
  requireUser,
  SCOPES,
  type ServicePrincipal,
  type UserPrincipal,
} from '../../src/auth/principal.js'
import { noIdentity } from '../nothing-revoked.js'

const user: UserPrincipal = {
  kind: 'user',
  issuer: '',
  user: 'alice',
  device: undefined,
  topics: [],
  expiresAt: 0,
  identity: noIdentity,
}
const service: ServicePrincipal = {
  kind: 'service',
  issuer: '',
  subject: 'shop',
  scopes: new Set(['posthorn:send']),
  expiresAt: 0,
  identity: noIdentity,
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

describe('a send to everyone', () => {
  test('is refused to a service without posthorn:broadcast, and told so', () => {
    expect(() => requireReach(service, { everyone: true })).toThrow(
      expect.objectContaining({
        code: 'insufficient_scope',
        message: 'This needs the scope posthorn:broadcast.',
      }),
    )
  })

  test('is let by with it', () => {
    const scopes = new Set(['posthorn:send', 'posthorn:broadcast'] as const)
    expect(() => requireReach({ ...service, scopes }, { everyone: true })).not.toThrow()
  })

  test.each([
    { user: 'everyone' },
    { users: ['alice'] },
    { topic: 'everyone' },
    { user: 'alice', device: 'phone' },
    { connection: 'everyone' },
  ])('is not what %j is', (to) => {
    expect(() => requireReach(service, to)).not.toThrow()
  })
})
