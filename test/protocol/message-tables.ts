import * as z from 'zod/mini'
import { Down } from '../../src/protocol/down/index.js'
import { RemovalReason } from '../../src/protocol/down/removed.js'
import { Violation } from '../../src/protocol/errors.js'
import * as identifiers from '../../src/protocol/identifiers.js'
import { MarkAction } from '../../src/protocol/mark.js'
import { Notification, NotificationContent, Priority } from '../../src/protocol/notification.js'
import { Envelope, Up } from '../../src/protocol/up/index.js'
import { formsOf, typeOf, type Field, type JsonSchema } from './json-type.js'

/** What the tables name in place of writing it out each time. */
const SHAPES = { NotificationContent, Notification, Violation }
const VALUES = { ...identifiers, Priority, MarkAction, RemovalReason }

/** When a field is absent that may be, by message and field: no schema says it. */
const ABSENCES: Readonly<Record<string, string>> = {
  'notification payload.unread': 'replayed',
  'notification payload.unseen': 'replayed',
  'updated payload.unread': 'replayed',
  'updated payload.unseen': 'replayed',
  'removed payload.collapseKey': 'it had none',
  'removed payload.unread': 'replayed',
  'removed payload.unseen': 'replayed',
  'error id': 'no command failed, or its id could not be read',
  'error payload.errors': 'no shape was wrong',
  'pong id': 'the `ping` had none',
  'mark payload.type': 'entries of any type are meant',
  'command id': 'no answer is asked for',
}

/** What tells the forms of a message apart, where it has several. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  reply: ['to `ack`', 'to `authenticate`', 'to `mark`', 'to `subscribe`, `unsubscribe`'],
  mark: ['by `ids`', 'by `upTo`'],
}

type Options = readonly z.ZodMiniObject<{ type: z.ZodMiniLiteral<string> }>[]

/**
 * The tables of everything that travels on the socket, in Markdown.
 * @throws Error where a field may be absent and no word says when, or a word is of a field that is not there
 */
export function messageTables(): string {
  const convert = converter()
  const absences = new Map(Object.entries(ABSENCES))
  const messages = (options: Options): string[][] =>
    options.flatMap((option) => {
      const [type = ''] = option.shape.type.def.values
      return rowsOf(type, formsOf(convert(option)), absences)
    })
  const down = messages(Down.def.options)
  const up = messages(Up.def.options)
  const commands = rowsOf('command', formsOf(convert(Envelope)), absences).filter(
    ([, field]) => field !== '`type`',
  )
  const shapes = Object.entries(SHAPES).flatMap(([name, schema]) =>
    rowsOf(name, formsOf(convert(schema, name)), absences),
  )
  const types = new Set([...down, ...up, ...shapes].map(([, , type = '']) => type))
  const values = Object.entries(VALUES)
    .map(([name, schema]) => [`\`${name}\``, typeOf(convert(schema, name))])
    .filter(([name = '']) => [...types].some((type) => type.includes(name)))
  if (absences.size > 0) throw new Error(`no field is so absent: ${[...absences.keys()].join()}`)
  return [
    '### Down, from the server',
    table(['message', 'field', 'type', 'absent where'], down),
    '### Up, from the client',
    'Each command may have an `id` beside what its own row says.',
    table(['message', 'field', 'type', 'absent where'], [...named('each', commands), ...up]),
    '### Shapes',
    table(['shape', 'field', 'type', 'absent where'], shapes),
    '### Types',
    table(['type', 'is'], values),
  ].join('\n\n')
}

function named(name: string, rows: string[][]): string[][] {
  return rows.map(([, ...cells]) => [name, ...cells])
}

/** Turns schemas into JSON Schema in which what has a name is referred to by it; `own` is the name of the schema itself. */
function converter(): (schema: z.ZodMiniType, own?: string) => JsonSchema {
  return (schema, own) => {
    const registry = z.registry<{ id: string }>()
    for (const [id, known] of Object.entries({ ...SHAPES, ...VALUES })) {
      registry.add(known, { id })
    }
    const id = own ?? 'the message'
    if (own === undefined) registry.add(schema, { id })
    const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (name) => name })
    const found = schemas[id]
    if (!found) throw new Error(`zod gave no schema for ${id}`)
    return found
  }
}

/** A row for each field; the name of the message, or of its form, stands in the first of them. */
function rowsOf(name: string, forms: Field[][], absences: Map<string, string>): string[][] {
  const words = FORMS[name] ?? ['']
  if (words.length !== forms.length) throw new Error(`${name} has ${forms.length} forms`)
  const told = new Set<string>()
  const rows = forms.flatMap((fields, at) => {
    const title = [`\`${name}\``, words[at]].filter(Boolean).join(' ')
    return fields.map(({ path, type, optional }, index) => {
      const key = `${name} ${path}`
      if (optional) told.add(key)
      const absence = optional ? absences.get(key) : ''
      if (absence === undefined) throw new Error(`when is it absent: ${key}?`)
      return [index === 0 ? title : '', `\`${path}\``, type, absence]
    })
  })
  for (const key of told) absences.delete(key)
  return rows
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
