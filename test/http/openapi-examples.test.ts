import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { statusOfReceipt } from '../../src/http/receipt-status.js'
import { Delivery, DeliveryList } from '../../src/protocol/deliveries.js'
import { ERRORS } from '../../src/protocol/errors.js'
import { InboxChanges } from '../../src/protocol/inbox.js'
import { Problem, PROBLEM_CONTENT_TYPE } from '../../src/protocol/problem.js'
import {
  NotificationStatus,
  parseSendRequest,
  SendReceipt,
  SendRequest,
} from '../../src/protocol/send.js'
import {
  componentAt,
  contentsOf,
  examplesOf,
  openApi,
  operationNamed,
  operations,
} from './documented.js'

describe('the examples', () => {
  test.each(operations)('of $operation.operationId are as their schemas have them', (entry) => {
    const contents = contentsOf(entry.operation)
    for (const { type, content } of contents.filter(({ type }) => type === 'application/json')) {
      const schema = componentAt(content.schema.$ref)
      const examples = examplesOf(content)
      expect(examples, `examples of ${type}`).not.toEqual([])
      // A field that the schema doesn't have would be missing from what it parses.
      for (const example of examples) expect(schema.parse(example)).toEqual(example)
    }
  })

  test.each(operations)('are there for each body of $operation.operationId', ({ operation }) => {
    const without = contentsOf(operation).filter(({ content }) => examplesOf(content).length === 0)
    expect(without).toEqual([])
  })

  test.each(operations)('of $operation.operationId show each of its errors', ({ operation }) => {
    const problems = contentsOf(operation).filter(({ type }) => type === PROBLEM_CONTENT_TYPE)
    expect(problems).not.toEqual([])
    for (const { status, content } of problems) {
      const examples = examplesOf(content).map((example) => Problem.parse(example))
      expect(examples).toEqual(examplesOf(content))
      for (const example of examples) {
        const [, row] = Object.entries(ERRORS).find(([code]) => code === example.code) ?? []
        expect(example).toMatchObject({ title: row?.title, status: row?.status })
        expect(example.status).toBe(status)
      }
      const codes = examples.map(({ code }) => code)
      expect(new Set(codes).size).toBe(codes.length)
      expect(content.schema).toMatchObject({
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { properties: { code: { enum: codes } } },
        ],
      })
    }
  })
})

const answers = (operationId: string, status: number): unknown[] =>
  examplesOf(operationNamed(operationId).responses[status]?.content?.['application/json'])

describe('the examples of what is sent', () => {
  const { requestBody, responses } = operationNamed('sendNotification')
  const sends = examplesOf(requestBody?.content['application/json']).map((example) =>
    SendRequest.parse(example),
  )

  test('show each kind of target, and each field', () => {
    for (const kind of SendRequest.shape.to._zod.def.options) {
      const shown = sends.filter(({ to }) => kind.safeParse(to).success)
      expect([Object.keys(kind.shape), shown.length > 0]).toEqual([Object.keys(kind.shape), true])
    }
    const fields = sends.flatMap((send) => Object.keys(send))
    expect(new Set(fields)).toEqual(new Set(Object.keys(SendRequest.shape)))
  })

  test('are taken as they stand', () => {
    for (const send of sends)
      expect(parseSendRequest(send, Date.parse('2026-11-22T10:00:00.123Z'))).toEqual(send)
  })

  test('show each way in which a send is answered, with its status', () => {
    for (const status of Object.keys(responses)
      .map(Number)
      .filter((code) => code < 300)) {
      const receipts = answers('sendNotification', status).map((one) => SendReceipt.parse(one))
      expect(receipts.map(statusOfReceipt)).toEqual(receipts.map(() => status))
    }
    const said = [201, 202].flatMap((status) => answers('sendNotification', status))
    const overviews = answers('getNotification', 200)
    const statuses = [...said, ...overviews].map((one) => Told.parse(one).status)
    expect(new Set(statuses)).toEqual(new Set(NotificationStatus.options))
  })

  test('show each thing that may become of it on a device', () => {
    const lists = answers('listDeliveries', 200).map((one) => DeliveryList.parse(one))
    const statuses = lists.flatMap(({ items }) => items.map(({ status }) => status))
    expect(new Set(statuses)).toEqual(new Set(Delivery.shape.status.options))
  })

  test('show each thing that changes in an inbox', () => {
    const pages = answers('listInboxChanges', 200).map((one) => InboxChanges.parse(one))
    const types = pages.flatMap(({ events }) => events.map(({ type }) => type))
    const known = InboxChanges.shape.events._zod.def.element._zod.def.options
    expect(new Set(types)).toEqual(new Set(known.flatMap(({ shape }) => shape.type.def.values)))
  })
})

const Told = z.object({ status: z.string() })

describe('the errors', () => {
  test.each(operations.filter(({ operation }) => operation.security[0]?.['bearerAuth']))(
    'of $operation.operationId say whose token it needs',
    ({ operation: { security, responses } }) => {
      const kind = security[0]?.['bearerAuth']?.length ? 'service' : 'user'
      expect(examplesOf(responses['403']?.content?.[PROBLEM_CONTENT_TYPE])).toContainEqual(
        expect.objectContaining({ detail: `This needs the token of a ${kind}.` }),
      )
    },
  )

  /** Told by a socket alone, or before there is a path. */
  const UNDOCUMENTED = [
    'malformed_request',
    'headers_too_large',
    'request_timeout',
    'method_not_allowed',
    'malformed_message',
    'invalid_message',
    'unknown_type',
    'too_many_errors',
    'binary_not_supported',
    'authentication_timeout',
    'idle',
    'too_slow',
    'principal_changed',
    'disconnected',
    'user_erased',
    'too_many_connections',
    'device_removed',
    'topic_not_allowed',
    'too_many_topics',
  ]

  test('are all those of the table that a path answers, each at a path at least', () => {
    const told = operations.flatMap(({ operation }) =>
      contentsOf(operation)
        .filter(({ type }) => type === PROBLEM_CONTENT_TYPE)
        .flatMap(({ content }) => examplesOf(content).map((one) => Problem.parse(one).code)),
    )
    expect(new Set(told)).toEqual(new Set(Object.keys(openApi.components.examples)))
    expect([...new Set(told), ...UNDOCUMENTED].toSorted()).toEqual(Object.keys(ERRORS).toSorted())
  })
})
