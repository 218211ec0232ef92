import { describe, expect, test } from 'vitest'
import { parseSocketQuery, queryObject } from '../../src/protocol/socket-query.js'
import { complaintsOf, refusalOf } from './refusal.js'

const parse = (query: string) => parseSocketQuery(new URLSearchParams(query))

test('takes an empty query: the stored cursor, one frame at a time', () => {
  expect(parse('')).toEqual({
    device: undefined,
    start: { kind: 'stored' },
    batch: false,
    token: undefined,
  })
})

test('takes every name of the contract', () => {
  expect(parse('device=phone&cursor=1080&epoch=0f2c.0&batch=true&access_token=a.b.c')).toEqual({
    device: 'phone',
    start: { kind: 'cursor', cursor: 1080, epoch: '0f2c.0' },
    batch: true,
    token: 'a.b.c',
  })
})

test('lets by what it does not know', () => {
  expect(parse('device=phone&later=1&__proto__=x')).toMatchObject({ device: 'phone' })
})

describe('where it starts', () => {
  test('is the stored cursor where there is an epoch alone', () => {
    expect(parse('epoch=e').start).toEqual({ kind: 'stored' })
  })

  test.each(['cursor=latest', 'cursor=latest&epoch=e'])('is the latest by %s', (query) => {
    expect(parse(query).start).toEqual({ kind: 'latest' })
  })

  test.each([
    ['0', 0],
    ['999999999999999', 999_999_999_999_999],
  ])('is a cursor of %s', (text, cursor) => {
    expect(parse(`cursor=${text}&epoch=e`).start).toEqual({ kind: 'cursor', cursor, epoch: 'e' })
  })

  test('is refused for a cursor without its epoch', () => {
    expect(refusalOf(() => parse('cursor=5')).code).toBe('epoch_required')
    expect(refusalOf(() => parse('cursor=0')).code).toBe('epoch_required')
  })
})

test.each([
  ['device=', '/device'],
  ['device=a b', '/device'],
  [`device=${'x'.repeat(129)}`, '/device'],
  ['cursor=-1&epoch=e', '/cursor'],
  ['cursor=1.5&epoch=e', '/cursor'],
  ['cursor=01&epoch=e', '/cursor'],
  ['cursor=1e3&epoch=e', '/cursor'],
  ['cursor=1000000000000000&epoch=e', '/cursor'],
  ['cursor=&epoch=e', '/cursor'],
  ['cursor=LATEST', '/cursor'],
  ['cursor=1&epoch=', '/epoch'],
  ['cursor=1&epoch=a b', '/epoch'],
  ['batch=1', '/batch'],
  ['batch=TRUE', '/batch'],
  ['batch=', '/batch'],
])('refuses %s', (query, pointer) => {
  expect(refusalOf(() => parse(query)).code).toBe('invalid_query')
  expect(complaintsOf(() => parse(query)).map(([at]) => at)).toEqual([pointer])
})

test.each(['device=a&device=b', 'batch=true&batch=true', 'access_token=a&access_token=b'])(
  'refuses a name that comes twice, rather than guess: %s',
  (query) => {
    expect(refusalOf(() => parse(query)).code).toBe('invalid_query')
  },
)

test('makes an object of a query, arrays of what is repeated', () => {
  const query = new URLSearchParams('a=1&b=&a=2&__proto__=x')
  const object = queryObject(query)
  expect(Object.entries(object)).toEqual([
    ['a', ['1', '2']],
    ['b', ''],
    ['__proto__', 'x'],
  ])
})
