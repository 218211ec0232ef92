import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseUp } from '../../../src/protocol/up/index.js'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

const parse = (message: unknown) => parseUp(JSON.stringify(message))

describe('takes', () => {
  test.each([
    { type: 'ping' },
    { type: 'ack', payload: { seq: 0 } },
    { type: 'ack', payload: { seq: Number.MAX_SAFE_INTEGER } },
    { type: 'authenticate', payload: { token: 'a.b.c' } },
    { type: 'mark', payload: { action: 'read', ids: [ID] } },
    { type: 'mark', payload: { action: 'archived', upTo: 0 } },
    { type: 'mark', payload: { action: 'seen', upTo: 1087, type: 'order.shipped' } },
    { type: 'subscribe', payload: { topic: 'news.sport' } },
    { type: 'unsubscribe', payload: { topic: 'news.sport' } },
  ])('%j', (message) => {
    expect(parse(message)).toEqual({ kind: 'command', id: undefined, command: message })
    expect(parse({ ...message, id: 'x'.repeat(64) })).toMatchObject({
      kind: 'command',
      id: 'x'.repeat(64),
    })
  })

  test('an empty id, which is an id', () => {
    expect(parse({ type: 'ping', id: '' })).toMatchObject({ kind: 'command', id: '' })
  })

  test('fields that it does not know, and passes them over', () => {
    const message = { type: 'ack', payload: { seq: 1, later: true }, trace: 'x' }
    expect(parse(message)).toEqual({
      kind: 'command',
      id: undefined,
      command: { type: 'ack', payload: { seq: 1 } },
    })
    expect(parse({ type: 'ping', payload: 5 })).toMatchObject({ kind: 'command' })
    // A mark's epoch is that of the connection.
    const mark = { type: 'mark', payload: { action: 'read', upTo: 1, epoch: 'other' } }
    expect(parse(mark)).toEqual({
      kind: 'command',
      id: undefined,
      command: { type: 'mark', payload: { action: 'read', upTo: 1 } },
    })
  })
})

describe('refuses', () => {
  test.each(['', ' ', '{', '{"type":"ping"', "{'type':'ping'}", 'ping', '\uFEFF{"type":"ping"}'])(
    '%j, which is no JSON, as malformed',
    (text) => {
      expect(parseUp(text)).toMatchObject({ kind: 'refused', code: 'malformed_message' })
    },
  )

  test.each([null, 5, 'ping', true, [], [{ type: 'ping' }]])('%j, which is no object', (value) => {
    expect(parse(value)).toEqual({
      kind: 'refused',
      id: undefined,
      code: 'invalid_message',
      detail: 'A message is an object with a type.',
      violations: [{ pointer: '', code: 'invalid_type', detail: 'must be of type object' }],
    })
  })

  test.each<[unknown, string, string]>([
    [{}, '/type', 'required'],
    [{ payload: {} }, '/type', 'required'],
    [{ type: 5 }, '/type', 'invalid_type'],
    [{ type: null }, '/type', 'invalid_type'],
    [{ type: 'ping', id: 5 }, '/id', 'invalid_type'],
    [{ type: 'ping', id: null }, '/id', 'invalid_type'],
    [{ type: 'ping', id: 'x'.repeat(65) }, '/id', 'invalid_value'],
    [{ type: 'mark', id: 'x'.repeat(65) }, '/id', 'invalid_value'],
  ])('%j for its %s', (message, pointer, code) => {
    expect(parse(message)).toMatchObject({
      kind: 'refused',
      id: undefined,
      code: 'invalid_message',
      violations: [{ pointer, code }],
    })
  })

  test.each([{}, { type: 5 }, { type: null }])(
    '%j for its type, and gives the id back',
    (message) => {
      expect(parse({ ...message, id: 'mine' })).toMatchObject({
        id: 'mine',
        code: 'invalid_message',
        violations: [{ pointer: '/type' }],
      })
    },
  )

  test.each<[object, string, string]>([
    [{ type: 'ack' }, '/payload', 'required'],
    [{ type: 'ack', payload: null }, '/payload', 'invalid_type'],
    [{ type: 'ack', payload: {} }, '/payload/seq', 'required'],
    [{ type: 'ack', payload: { seq: '1' } }, '/payload/seq', 'invalid_type'],
    [{ type: 'ack', payload: { seq: -1 } }, '/payload/seq', 'invalid_value'],
    // What was meant for a few must not become a mark of all.
    [
      { type: 'mark', payload: { action: 'read', ids: ['x'], upTo: 2 } },
      '/payload/ids/0',
      'invalid_value',
    ],
    [{ type: 'ack', payload: { seq: 2 ** 53 } }, '/payload/seq', 'invalid_value'],
    [{ type: 'authenticate' }, '/payload', 'required'],
    [{ type: 'authenticate', payload: {} }, '/payload/token', 'required'],
    [{ type: 'authenticate', payload: { token: 5 } }, '/payload/token', 'invalid_type'],
    [{ type: 'mark' }, '/payload', 'required'],
    [{ type: 'mark', payload: { action: 'read' } }, '/payload/ids', 'required'],
    [{ type: 'mark', payload: { ids: [ID], action: 'x' } }, '/payload/action', 'invalid_value'],
    [{ type: 'mark', payload: { action: 'read', ids: [] } }, '/payload/ids', 'invalid_value'],
    [{ type: 'mark', payload: { action: 'read', ids: ['x'] } }, '/payload/ids/0', 'invalid_value'],
    [{ type: 'mark', payload: { action: 'read', upTo: -1 } }, '/payload/upTo', 'invalid_value'],
    [{ type: 'subscribe' }, '/payload', 'required'],
    [{ type: 'subscribe', payload: {} }, '/payload/topic', 'required'],
    [{ type: 'unsubscribe', payload: { topic: 'a b' } }, '/payload/topic', 'invalid_value'],
    [{ type: 'unsubscribe', payload: { topic: 1 } }, '/payload/topic', 'invalid_type'],
  ])('%j for its %s, and gives the id back', (message, pointer, code) => {
    expect(parse({ ...message, id: 'mine' })).toMatchObject({
      kind: 'refused',
      id: 'mine',
      code: 'invalid_message',
      violations: [{ pointer, code }],
    })
  })

  test('a fraction of a seq', () => {
    expect(parse({ type: 'ack', payload: { seq: 1.5 } })).toMatchObject({
      code: 'invalid_message',
      violations: [{ pointer: '/payload/seq' }],
    })
  })

  test.each(['', 'PING', 'welcome', 'notification', '__proto__', 'constructor', 'x'.repeat(9_999)])(
    'the type %j, which it does not know',
    (type) => {
      expect(parse({ type, id: 'mine' })).toEqual({
        kind: 'refused',
        id: 'mine',
        code: 'unknown_type',
        detail: 'There is no message of this type.',
      })
    },
  )
})

test('never throws on a text, and never takes one that is no command', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), (text) => {
      expect(parseUp(text).kind).toBe('refused')
    }),
    { numRuns: 2_000 },
  )
})

test('never throws on a message of any shape', () => {
  const message = fc.record(
    {
      type: fc.oneof(
        fc.constantFrom('ack', 'ping', 'authenticate', 'mark', 'subscribe', 'unsubscribe'),
        fc.jsonValue(),
      ),
      id: fc.jsonValue(),
      payload: fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            seq: fc.jsonValue(),
            token: fc.jsonValue(),
            action: fc.oneof(fc.constant('read'), fc.jsonValue()),
            ids: fc.jsonValue(),
            upTo: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(message, (value) => {
      const parsed = parse(value)
      // An id comes back only as the text that it was.
      expect([undefined, value.id]).toContain(parsed.id)
      expect(['undefined', 'string']).toContain(typeof parsed.id)
    }),
    { numRuns: 2_000 },
  )
})

test('takes what is nested 100,000 deep without a crash', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(parseUp(deep)).toMatchObject({ code: 'invalid_message' })
  expect(parseUp(`{"type":"ack","payload":${deep}}`)).toMatchObject({ code: 'invalid_message' })
  expect(parseUp(`{"type":"ping","x":${deep}}`)).toMatchObject({ kind: 'command' })
})
