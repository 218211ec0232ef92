import { describe, expect, test } from 'vitest'
import { isOriginAllowed, type OriginRule } from '../../src/auth/origins.js'

describe('in production', () => {
  const rule: OriginRule = {
    allowed: new Set(['https://app.example', 'https://other.example:8443']),
    loopbackPort: undefined,
  }

  test.each(['https://app.example', 'https://other.example:8443'])('lets %s in', (origin) => {
    expect(isOriginAllowed(origin, rule)).toBe(true)
  })

  test('lets in whoever sends no origin, who is no browser', () => {
    expect(isOriginAllowed(undefined, rule)).toBe(true)
  })

  test.each([
    '',
    'null',
    'http://app.example',
    'https://app.example/',
    'https://app.example:443',
    'https://app.example:8443',
    'https://other.example',
    'https://app.example.evil',
    'https://evil.app.example',
    'https://APP.example',
    'https://app.example@evil.example',
    'https://app.example, https://evil.example',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    '__proto__',
  ])('keeps %j out', (origin) => {
    expect(isOriginAllowed(origin, rule)).toBe(false)
  })
})

describe('in development', () => {
  const rule: OriginRule = { allowed: new Set(), loopbackPort: 8080 }

  test.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
    'lets the loopback origin in by the name %s',
    (origin) => {
      expect(isOriginAllowed(origin, rule)).toBe(true)
    },
  )

  test('knows port 80 though browsers do not write it', () => {
    const onEighty = { allowed: new Set<string>(), loopbackPort: 80 }
    expect(isOriginAllowed('http://localhost', onEighty)).toBe(true)
    expect(isOriginAllowed('http://localhost:80', onEighty)).toBe(false)
    expect(isOriginAllowed('https://localhost', onEighty)).toBe(false)
    expect(isOriginAllowed('http://localhost', rule)).toBe(false)
  })

  test.each([
    'null',
    '',
    'http://localhost:8081',
    'http://localhost:3000',
    'https://localhost:8080',
    'ws://localhost:8080',
    'file://',
    'http://localhost:8080/',
    'http://localhost:8080/path',
    'http://LOCALHOST:8080',
    'http://user@localhost:8080',
    'http://127.0.0.1.evil.example:8080',
    'http://localhost.evil:8080',
    'http://127.1:8080',
    'http://2130706433:8080',
    'http://0.0.0.0:8080',
    'http://evil.example:8080',
  ])('keeps %j out', (origin) => {
    expect(isOriginAllowed(origin, rule)).toBe(false)
  })
})

test('the loopback origin is that of the scheme that is spoken', () => {
  const rule = { allowed: new Set<string>(), loopbackPort: 443, loopbackScheme: 'https' as const }
  const cases = [
    'https://localhost',
    'https://127.0.0.1',
    'http://localhost',
    'https://localhost:8443',
  ]
  expect(cases.map((origin) => isOriginAllowed(origin, rule))).toEqual([true, true, false, false])
})
