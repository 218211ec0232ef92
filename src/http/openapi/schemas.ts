import * as z from 'zod/mini'
import { SeqText } from '../../protocol/socket-query.js'
import { COMPONENTS, type ComponentName } from './components.js'
import type { Reference, Schema } from './types.js'

/** The name under which an object that is no component goes through zod's registry. */
const OBJECT = 'object'

/** A reference to a schema of the document. */
export function reference(name: ComponentName): Reference {
  return { $ref: uri(name) }
}

/** The schemas of the document, by name, as clients are to read them. */
export function componentSchemas(): Record<string, Schema> {
  // As input: as output zod closes every object, and clients are to tolerate fields that they don't know.
  const schemas = convert(componentRegistry(), 'input')
  return Object.fromEntries(
    Object.entries(COMPONENTS).map(([name, { description, fields, alsoRequired }]) => {
      const { properties, ...schema } = named(schemas, name)
      const required = [...(schema.required ?? []), ...alsoRequired]
      return [
        name,
        {
          description,
          ...schema,
          ...(required.length > 0 && { required }),
          ...(properties && { properties: describe(properties, fields) }),
        },
      ]
    }),
  )
}

/**
 * The schemas of the fields of an object as they are once parsed: a `limit` is a number, though a query holds text
 * only.
 */
export function fieldSchemas(object: z.ZodMiniObject): Record<string, Schema> {
  const registry = componentRegistry()
  registry.add(object, { id: OBJECT })
  return toSchemas(named(convert(registry, 'output'), OBJECT).properties ?? {})
}

type Registry = z.core.$ZodRegistry<{ id: string }>

/** The components, to which zod then refers in place of repeating them. */
function componentRegistry(): Registry {
  const registry = z.registry<{ id: string }>()
  for (const [id, { schema }] of Object.entries(COMPONENTS)) registry.add(schema, { id })
  return registry
}

function convert(registry: Registry, io: 'input' | 'output'): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri,
    // zod can't see into a transform; this one makes a `seq` of its text.
    unrepresentable: ({ zodSchema }) =>
      zodSchema === SeqText._zod.def.out ? reference('Seq') : 'throw',
    override: ({ jsonSchema }) => {
      // zod bounds every integer by what a number holds exactly; that no count is below that says nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) {
        delete jsonSchema.minimum
        delete jsonSchema.maximum
      }
      // Any value, or null: any value.
      if (jsonSchema.anyOf?.some((choice) => Object.keys(choice).length === 0)) {
        delete jsonSchema.anyOf
      }
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [
      name,
      schema,
    ]),
  )
}

function uri(name: string): string {
  return `#/components/schemas/${name}`
}

function named(schemas: Record<string, Schema>, name: string): Schema {
  const schema = schemas[name]
  if (schema === undefined) throw new Error(`zod gave no schema for ${name}`)
  return schema
}

/** A schema may be written as `true` or `false` too (JSON Schema core §4.3.2); zod writes no field so. */
function toSchemas(properties: Record<string, Schema | boolean>): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      if (typeof schema === 'boolean') throw new Error(`zod gave no schema for the field ${name}`)
      return [name, schema]
    }),
  )
}

function describe(
  properties: Record<string, Schema | boolean>,
  fields: Record<string, string | undefined>,
): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(toSchemas(properties)).map(([name, schema]) => {
      const description = fields[name]
      return [name, description === undefined ? schema : { ...schema, description }]
    }),
  )
}
