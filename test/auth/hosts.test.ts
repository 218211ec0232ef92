import { describe, expect, test } from 'vitest'
import {
  hasOneHost,
  isForLoopback,
  isLoopbackHost,
  isLoopbackHostHeader,
} from '../../src/auth/hosts.js'

describe('a loopback host', () => {
  test.each(['localhost', '127.0.0.1', '127.1.2.3', '127.255.255.254', '::1', '[::1]'])(
    'is %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true)
    },
  )

  test.each([
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.localhost.example',
    'xlocalhost',
    'localhostx',
    '127.0.0',
    '127.0.0.1\n',
    'LOCALHOST.',
    '::ffff:127.0.0.1',
  ])('is not %j', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('a Host header of this machine', () => {
  test.each([
    'localhost',
    'localhost:8080',
    'LocalHost:8080',
    'localhost:80',
    '127.0.0.1',
    '127.0.0.1:8080',
    '127.9.9.9:1',
    '[::1]',
    '[::1]:8080',
    '[::1]:80',
  ])('is %s', (header) => {
    expect(isLoopbackHostHeader(header)).toBe(true)
  })

  test.each([
    undefined,
    '',
    'evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.evil.example:8080',
    'localhost.evil',
    'localhost.evil.example:8080',
    'localhost.',
    'evil.localhost',
    '127.1',
    '127.1?',
    '127.0.0.1?',
    '127.0.0.1#',
    '127.0.0.1/',
    '127.0.0.1/evil',
    '127.0.0.1\\evil',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.0.0.1.',
    '0.0.0.0',
    '0',
    '[::]',
    '::1',
    '[::1',
    '[::1].evil',
    '[::ffff:127.0.0.1]',
    'user@localhost',
    'localhost@evil.example',
    'evil.example@localhost',
    'user:pass@127.0.0.1:8080',
    'localhost:8080@evil.example',
    'localhost:evil',
    'localhost:99999',
    'localhost:8080:8080',
    'localhost localhost',
    'localhost, evil.example',
    '\tlocalhost',
    'localhost\t',
    'loc\talhost',
    'ⓛocalhost',
    '127。0。0。1',
    '%6cocalhost',
  ])('is not %j', (header) => {
    expect(isLoopbackHostHeader(header)).toBe(false)
  })
})

const asked = (url: string, host = 'localhost:8080') => ({
  url,
  headers: { host },
  rawHeaders: ['Host', host],
})

describe('a request for this machine', () => {
  test.each(['/', '/v1/inbox?page=x', 'http://localhost:8080/', 'https://[::1]/'])(
    'names it by its target too: %s',
    (url) => {
      expect(isForLoopback(asked(url))).toBe(true)
      expect(isForLoopback(asked(url, 'evil.example'))).toBe(false)
    },
  )

  test.each([
    'http://evil.example/',
    'HTTP://evil.example/',
    'http://127.0.0.1@evil.example/',
    '*',
    '',
  ])('does not name another, whatever its Host says: %j', (url) => {
    expect(isForLoopback(asked(url))).toBe(false)
  })
})

test.each<[readonly string[], boolean]>([
  [['Host', 'a'], true],
  [['Accept', 'host', 'hOST', ''], true],
  [['Accept', 'host'], false],
  [[], false],
  [['Host', 'a', 'Accept', '*', 'host', 'a'], false],
])('the headers %j name one host: %s', (rawHeaders, isOne) => {
  expect(hasOneHost({ headers: {}, rawHeaders })).toBe(isOne)
})
