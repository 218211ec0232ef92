import * as z from 'zod/mini'

/** As much of JSON Schema (2020-12) as the wire's schemas come to. */
export type JsonSchema = z.core.JSONSchema.JSONSchema

/** A field of a message, wherever it stands in it. */
export interface Field {
  /** From the message on, as `payload.seq`. */
  path: string
  type: string
  optional: boolean
}

/** A schema as a reader of a table is told of it, in Markdown. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, const: value, enum: values, anyOf, items, type } = schema
  if ($ref !== undefined) return `\`${$ref}\``
  if (value !== undefined) return code(JSON.stringify(value))
  if (values) return values.map((one) => code(JSON.stringify(one))).join(', ')
  if (anyOf) return anyOf.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${typeOf(schemaOf(items))}${bounds(schema, 'Items')}`
  if (type === undefined) return 'any JSON'
  return `${z.array(z.string()).parse([type].flat()).join(' or ')}${restriction(schema)}`
}

/** What a value of a simple type has to keep to, beyond the type. */
function restriction(schema: JsonSchema): string {
  const { format, pattern, minimum, maximum } = schema
  // zod writes a pattern for a format too, which says the same at length.
  if (format !== undefined) return ` (${format})`
  if (pattern !== undefined) return `, ${code(pattern)}`
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  return range(least, most) + bounds(schema, 'Length')
}

function bounds(schema: JsonSchema, what: 'Items' | 'Length'): string {
  const { minItems, maxItems, minLength, maxLength } = schema
  return what === 'Items' ? range(minItems, maxItems) : range(minLength, maxLength)
}

function range(least: number | undefined, most: number | undefined): string {
  const words = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ]
  return words.length === 0 ? '' : `, ${words.join(' and ')}`
}

/** Text as code in a cell of a table, where a bar would end the cell. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

/**
 * The fields of an object, those of objects within it by their path. Where it may look in several ways, one list for each.
 * @throws Error for what no table has room for
 */
export function formsOf(schema: JsonSchema, path = ''): Field[][] {
  if (schema.anyOf) return schema.anyOf.flatMap((form) => formsOf(schemaOf(form), path))
  const { properties = {}, required = [] } = schema
  let forms: Field[][] = [[]]
  for (const [name, property] of Object.entries(properties)) {
    const inner = schemaOf(property)
    // What may never be there is no field.
    if (inner.not) continue
    const at = path === '' ? name : `${path}.${name}`
    const own = isObject(inner)
      ? formsOf(inner, at)
      : [[{ path: at, type: typeOf(inner), optional: !required.includes(name) }]]
    forms = forms.flatMap((before) => own.map((fields) => [...before, ...fields]))
  }
  return forms
}

/** Whether a schema is written out field by field: an object, or several of which it is one. */
function isObject({ type, properties, anyOf }: JsonSchema): boolean {
  if (anyOf) return anyOf.every((form) => isObject(schemaOf(form)))
  return type === 'object' && Object.keys(properties ?? {}).length > 0
}

/** @throws Error for a schema that is written as `true` or `false`, or several in place of one */
function schemaOf(schema: unknown): JsonSchema {
  const parsed = z.looseObject({}).safeParse(schema)
  if (!parsed.success) throw new Error(`no table has room for ${JSON.stringify(schema)}`)
  return parsed.data
}
