import * as z from 'zod/mini'
import type { Violation } from '../errors.js'
import { parse } from '../violations.js'
import { AckCommand } from './ack.js'
import { AuthenticateCommand } from './authenticate.js'
import { MarkCommand } from './mark.js'
import { PingCommand } from './ping.js'
import { SubscribeCommand, UnsubscribeCommand } from './subscribe.js'

/** Everything that a client says. */
export const Up = z.discriminatedUnion('type', [
  AuthenticateCommand,
  AckCommand,
  MarkCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  PingCommand,
])
export type Up = z.infer<typeof Up>

const Identified = z.object({
  /** Stands again on the command's `reply` or `error`. */
  id: z.optional(z.string().check(z.maxLength(64, 'an id has at most 64 characters'))),
})

/** The part that every command shares: unknown fields are let by, so that newer clients can talk to older servers. */
export const Envelope = z.extend(Identified, { type: z.string() })

const TYPES: ReadonlySet<string> = new Set(
  Up.def.options.flatMap(({ shape }) => shape.type.def.values.map(String)),
)

export type Parsed =
  | { kind: 'command'; id: string | undefined; command: Up }
  | {
      kind: 'refused'
      id: string | undefined
      code: 'malformed_message' | 'invalid_message' | 'unknown_type'
      detail: string
      violations?: Violation[]
    }

/** Reads one text frame of a client; never throws. */
export function parseUp(text: string): Parsed {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return refuse(undefined, 'malformed_message', 'A frame is one JSON text.')
  }
  const parsed = parse(Up, json)
  // An acknowledgement brings no id: one look is enough, for what comes once for each notification.
  if ('value' in parsed && !bringsId(json)) {
    return { kind: 'command', id: undefined, command: parsed.value }
  }
  const envelope = parse(Envelope, json)
  if ('violations' in envelope) {
    return refuse(
      readableId(json),
      'invalid_message',
      'A message is an object with a type.',
      envelope.violations,
    )
  }
  const { type, id } = envelope.value
  if (!TYPES.has(type)) return refuse(id, 'unknown_type', 'There is no message of this type.')
  if ('violations' in parsed) {
    return refuse(id, 'invalid_message', 'The message has the wrong shape.', parsed.violations)
  }
  return { kind: 'command', id, command: parsed.value }
}

function bringsId(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'id' in json
}

/** The id of a message that is wrong in another place. */
function readableId(json: unknown): string | undefined {
  const parsed = parse(Identified, json)
  return 'value' in parsed ? parsed.value.id : undefined
}

function refuse(
  id: string | undefined,
  code: Extract<Parsed, { kind: 'refused' }>['code'],
  detail: string,
  violations?: Violation[],
): Parsed {
  return { kind: 'refused', id, code, detail, ...(violations && { violations }) }
}
