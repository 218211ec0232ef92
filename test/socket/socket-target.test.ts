import { expect, test } from 'vitest'
import { queryOfSocket } from '../../src/socket/socket-target.js'

test.each<[string, Record<string, string>]>([
  ['/v1/socket', {}],
  ['/v1/socket?', {}],
  ['/v1/socket?device=a', { device: 'a' }],
  ['/v1/socket?device=a%20b&epoch=x+y', { device: 'a b', epoch: 'x y' }],
  ['/v1/socket?device=%zz&empty', { device: '%zz', empty: '' }],
  ['/v1/socket?device=a?b', { device: 'a?b' }],
  // What a client would not send: it goes the way of every URL.
  ['/v1/socket?device=a#device=b', { device: 'a' }],
  ['/v1/socket#?device=b', {}],
  ['/v1/x/../socket?device=a', { device: 'a' }],
  ['http://other:81/v1/socket?device=a', { device: 'a' }],
])('%s means the socket', (target, query) => {
  expect(Object.fromEntries(queryOfSocket(target) ?? [['nothing', '']])).toEqual(query)
})

test.each([
  '',
  '/',
  '/v1/socket/',
  '/v1/sockets',
  '/V1/socket',
  '//v1/socket',
  'http://[',
  '?/v1/socket',
])('%j means something else', (target) => {
  expect(queryOfSocket(target)).toBeUndefined()
})
