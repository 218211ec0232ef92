import * as fc from 'fast-check'
import { MarkAction } from '../../src/protocol/mark.js'
import { oddJson, type Field } from './json-text.js'

const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...MarkAction.options, 'burnt').map((name) => `"${name}"`),
  },
  oddJson,
)

const id = fc.oneof(fc.uuid({ version: 7 }), fc.constantFrom('', 'x', '__proto__'))
const ids = fc.array(id, { maxLength: 6 }).map((list) => JSON.stringify(list))

const upTo = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 12 }).map(String) },
  fc.constantFrom('-1', '1.5', '9007199254740991', '9007199254740992', '1e400', '"1"', 'null'),
)

const optional = (name: string, json: fc.Arbitrary<string>): fc.Arbitrary<Field[]> =>
  fc.option(json, { freq: 2 }).map((value): Field[] => (value === null ? [] : [[name, value]]))

/** The fields of a mark: by ids or by `upTo`, or both or neither. */
export const markFields: fc.Arbitrary<Field[]> = fc
  .tuple(
    action.map((json): Field[] => [['action', json]]),
    optional('ids', ids),
    optional('upTo', upTo),
    optional('type', fc.constantFrom('"test"', '"order.shipped"', '""', '"a b"', '1')),
    optional('epoch', fc.constantFrom('"another"', '""', '0')),
  )
  .map((fields) => fields.flat())
