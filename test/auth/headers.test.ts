import { expect, test } from 'vitest'
import { valuesOf } from '../../src/auth/headers.js'

test.each<[readonly string[], string[]]>([
  [[], []],
  [['Host', 'a'], []],
  [['Authorization', 'a'], ['a']],
  [
    ['AUTHORIZATION', 'a', 'Host', 'b', 'authorization', 'a'],
    ['a', 'a'],
  ],
  [['Host', 'authorization', 'Accept', '*'], []],
  [['authorization', ''], ['']],
  [['authorization2', 'a', 'uthorization', 'b'], []],
  // A name without a value, which Node never gives.
  [['authorization'], []],
])('of %j those of `authorization` are %j', (rawHeaders, values) => {
  expect(valuesOf(rawHeaders, 'authorization')).toEqual(values)
})
