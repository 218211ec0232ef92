import { describe, expect, test } from 'vitest'
import {
  bodyOf,
  dataFault,
  fieldOf,
  FIRST_DRAFT,
  type Draft,
} from '../../../src/console/state/draft.js'
import { parseSendRequest } from '../../../src/protocol/send.js'

const draft = (fields: Partial<Draft>): Draft => ({ ...FIRST_DRAFT, to: 'alice', ...fields })

describe('a draft', () => {
  test('as it stands at first can be sent', () => {
    expect(parseSendRequest(bodyOf(draft({})), Date.now())).toMatchObject({
      to: { user: 'alice' },
      data: { order: 8812 },
    })
  })

  test('leaves out what is empty', () => {
    const empty = { title: '', body: '', url: '', ttl: '', collapseKey: '', data: ' ' }
    expect(bodyOf(draft(empty))).toEqual({
      to: { user: 'alice' },
      type: 'order.shipped',
      priority: 'normal',
    })
  })

  test.each([
    ['users', 'alice, bob ,,carol d', { users: ['alice', 'bob', 'carol d'] }],
    ['topic', 'news.eu', { topic: 'news.eu' }],
    ['everyone', 'whoever stood there', { everyone: true }],
  ] as const)('names its recipients: %s', (target, to, expected) => {
    expect(bodyOf(draft({ target, to }))['to']).toEqual(expected)
  })

  test('sends a ttl as a number, and what is none as it is, for the service to refuse', () => {
    expect(bodyOf(draft({ ttl: '0' }))['ttl']).toBe(0)
    expect(bodyOf(draft({ ttl: 'soon' }))['ttl']).toBe('soon')
  })

  test('of several numbers each', () => {
    expect(bodyOf(draft({ title: 'Hello' }), 3)['title']).toBe('Hello #3')
    expect(bodyOf(draft({ title: '' }), 3)['title']).toBe('#3')
  })

  test('tells what is wrong with its data', () => {
    expect(dataFault('')).toBeUndefined()
    expect(dataFault('[1, null]')).toBeUndefined()
    expect(dataFault('{ "order": ')).toMatch(/JSON/)
  })

  test('finds the field to which the service points', () => {
    expect(fieldOf({ pointer: '/to/user', code: 'invalid_value', detail: '' })).toBe('to')
    expect(fieldOf({ pointer: '', code: 'invalid_value', detail: '' })).toBe('')
  })
})
