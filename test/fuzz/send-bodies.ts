import * as fc from 'fast-check'
import { almost, damaged, objectText, oddJson, randomJson, type Field } from './json-text.js'
import type { People } from './people.js'

const jsonOf = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<string> =>
  values.map((value) => JSON.stringify(value))

const bytesOf = (texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  texts.map((text) => Buffer.from(text))

/** Far too many names, which cost more than all else: seldom. */
const crowd = fc
  .constantFrom(1_000, 1_001, 5_000)
  .map((count) => JSON.stringify(Array.from({ length: count }, (_, index) => `crowd-${index}`)))

/** As much as a notification or a request holds, and more. */
const large = fc
  .constantFrom(60_000, 66_000, 400_000, 1_048_576)
  .map((length) => `{"to":{"user":"mailbox-0"},"type":"test","body":"${'x'.repeat(length)}"}`)

const LINKS = [
  'https://shop.example/o/8812 HTTP://a /icons/box.png / //host /\\host /% a',
  'javascript:alert(1) http:// https://[ http://\u0000',
].flatMap((links) => links.split(' '))

const link = jsonOf(fc.oneof(fc.constantFrom(...LINKS), fc.webUrl()))

const title = jsonOf(fc.string({ unit: 'binary', maxLength: 40 }))

const mostlyNull = (...others: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant('null') }, fc.constantFrom(...others))

const topic = fc.constantFrom('"news.sport"', '"news.film"', '"nobody"', '"a b"', '""')
const connection = fc.constantFrom('"m3kZ0c1v9QbXyT2e"', '"-"', '""', '"a b"')
const device = fc.constantFrom('"phone"', '"device-1"', '"a b"', '""')

/** Lives of no time, of so short a time that it ends meanwhile, of any, and those that there are not. */
const ttl = mostlyNull('0', '0', '1', '60', '315360000', '315360001', '-1', '1.5', '"60"')

const collapseKey = mostlyNull('"order"', '"trip"', '"ö/ 😀"', '""', '"\\ud800"', '1')

/** Times that have passed, one that comes meanwhile, one that does not, and what is too far off or no time at all. */
const deliverAt = mostlyNull(
  ...[-1_000, 5_000, 86_400_000, 400 * 86_400_000].map((ahead) =>
    JSON.stringify(new Date(Date.now() + ahead).toISOString()),
  ),
  '"2020-02-29T00:00:00+14:00"',
  '"2026-02-30T00:00:00Z"',
  '"9999-12-31T23:59:59Z"',
  '"tomorrow"',
)

/** What a sound send may say of its life. */
const lifetime = fc.constantFrom<Field[]>(
  ['ttl', '0'],
  ['ttl', '1'],
  ['collapseKey', '"order"'],
  ['collapseKey', '"trip"'],
  ['deliverAt', JSON.stringify(new Date(Date.now() + 10_000).toISOString())],
)

/** Everyone is many: seldom. */
const everyone = fc
  .constantFrom('', ',"ttl":1', ',"collapseKey":"order"', ',"deliverAt":"2020-01-01T00:00:00Z"')
  .map((more) => `{"to":{"everyone":true},"type":"test"${more}}`)

/** Whom to send to: one of the ways of the contract, or almost so. */
function target(user: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const users = fc.oneof(
    { weight: 4, arbitrary: jsonOf(fc.array(user, { maxLength: 6 })) },
    { weight: 1, arbitrary: user.map((name) => JSON.stringify([name, name])) },
    {
      weight: 1,
      arbitrary: fc.array(oddJson, { maxLength: 3 }).map((list) => `[${list.join(',')}]`),
    },
  )
  const way = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(fc.constant('user'), jsonOf(user)) },
    { weight: 8, arbitrary: fc.tuple(fc.constant('users'), users) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('topic'), topic) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('connection'), connection) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('topic', 'everyone', 'connection'), oddJson) },
  )
  const ways = fc.oneof(
    { weight: 12, arbitrary: way.map((field): Field[] => [field]) },
    {
      weight: 1,
      arbitrary: fc.tuple(jsonOf(user), device).map(([name, device]): Field[] => [
        ['user', name],
        ['device', device],
      ]),
    },
  )
  return fc
    .oneof({ weight: 3, arbitrary: ways }, { weight: 1, arbitrary: almost(ways) })
    .map(objectText)
}

/** The fields of a send, most of them right. */
function sendFields(user: fc.Arbitrary<string>): fc.Arbitrary<Field[]> {
  return fc
    .record(
      {
        to: target(user),
        type: fc.constantFrom('"order.shipped"', '"test"'),
        title,
        body: jsonOf(fc.string({ maxLength: 80 })),
        url: link,
        icon: link,
        data: oddJson,
        priority: fc.constantFrom('"low"', '"urgent"', 'null'),
        ttl,
        collapseKey,
        deliverAt,
      },
      { requiredKeys: ['to', 'type'] },
    )
    .map((record) => Object.entries(record))
}

/** Bodies of `POST /v1/notifications`: any JSON, almost a send, a send, any bytes, and a send that was damaged. */
export function sendBodies({ listeners }: People): fc.Arbitrary<Buffer> {
  // Users who have no device, and now and then one who has.
  const user = fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 199 }).map((number) => `mailbox-${number}`) },
    { weight: 2, arbitrary: fc.constantFrom(...listeners.map(({ user }) => user)) },
  )
  const sound = fc
    .tuple(jsonOf(user), title, oddJson, fc.option(lifetime))
    .map(([name, title, data, more]) =>
      objectText([
        ['to', `{"user":${name}}`],
        ['type', '"test"'],
        ['title', title],
        ['data', data],
        ...(more === null ? [] : [more]),
      ]),
    )
  const bytes = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof(
    { weight: 200, arbitrary: bytesOf(randomJson) },
    { weight: 300, arbitrary: bytesOf(almost(sendFields(user)).map(objectText)) },
    { weight: 100, arbitrary: bytesOf(sound) },
    { weight: 200, arbitrary: bytes },
    { weight: 200, arbitrary: damaged(sound) },
    { weight: 1, arbitrary: bytesOf(large) },
    { weight: 1, arbitrary: bytesOf(everyone) },
    { weight: 1, arbitrary: bytesOf(crowd.map((all) => `{"to":{"users":${all}},"type":"test"}`)) },
  )
}
