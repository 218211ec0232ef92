import { describe, expect, test } from 'vitest'
import { tokenFault, tokenIn } from '../../../src/console/state/token.js'

describe('a pasted token', () => {
  test('is taken without the spaces and line ends that came along', () => {
    expect(tokenIn(' eyJhbGci.eyJz\r\n  dWIi.c2ln\n')).toBe('eyJhbGci.eyJzdWIi.c2ln')
    expect(tokenFault(tokenIn(' eyJhbGci.eyJz\r\n  dWIi.c2ln\n'))).toBeUndefined()
  })

  test.each(['', 'alice', '“a.b.c”', '"a.b.c"', 'Bearer:a.b.c', 'a.b', 'a..c', 'a.b.c.d', 'ä.b.c'])(
    'is none: %s',
    (text) => {
      expect(tokenFault(text)).toMatch(/^This is no token/)
    },
  )
})
