import type { Context, MiddlewareHandler } from 'hono'
import type { Principal } from '../auth/principal.js'
import type { Log } from '../telemetry/log.js'
import { pathForLog } from '../telemetry/path-for-log.js'
import type { RequestEnvironment } from './environment.js'
import type { Teller } from './every-request.js'

/** What a service does to others than itself. */
export type AuditAction =
  | 'user.disconnect'
  | 'user.erase'
  | 'device.remove'
  | 'inbox.mark'
  | 'tokens.revoke'
  | 'topic.subscribe'
  | 'topic.unsubscribe'
  | 'topic.change'
  | 'notification.recall'
  | 'notification.broadcast'

/** Whom or what an action was about: names alone, never what was said to them. */
export interface AuditTarget {
  user?: string
  device?: string | undefined
  connection?: string | undefined
  topic?: string
  notification?: string | undefined
  everyone?: true
  /** The `jti` of a token: its name, by which nobody is let in. */
  token?: string
  /** RFC 3339. */
  issuedBefore?: string
  added?: readonly string[]
  removed?: readonly string[]
}

/** An action that is on its way through its handlers. */
export interface AuditNote {
  action: AuditAction
  target: AuditTarget
  /** Where it is not that of the answer. */
  status?: number
}

/** Longest name that is written down. */
const MAX_LENGTH = 255

/** Users of each kind that one line names: with ids of up to 300 bytes it stays below the 16 KiB at which container engines cut. */
const USERS_PER_LINE = 25

/**
 * A line for each call by which a service acts on others, whether it was allowed or not, when it has its answer. It is
 * written at every level but `silent`: who has done what to whom must not depend on how much else is logged.
 */
export function auditCalls(log: Log): Teller {
  const lines = log.level === 'silent' ? log : log.child({}, { level: 'info' })
  return (context) => {
    const notes = context.get('notes')
    if (!notes) return
    const principal = context.get('principal')
    const request = context.get('requestId')
    for (const { action, target, status } of notes.flatMap(inParts)) {
      lines.info(
        {
          action,
          ...callerOf(principal),
          target: sayable(target),
          request,
          status: status ?? context.res.status,
        },
        'audit',
      )
    }
  }
}

/** Marks a route as one of these actions; what its path names is what it is about. */
export function audited(action: AuditAction): MiddlewareHandler<RequestEnvironment> {
  return (context, next) => {
    const { id: notification, ...target }: Record<string, string> = context.req.param()
    note(context, {
      action,
      target: { ...target, ...(notification !== undefined && { notification }) },
    })
    return next()
  }
}

/** Adds an action to those of this request. */
export function note(context: Context<RequestEnvironment>, note: AuditNote): void {
  context.set('notes', [...(context.get('notes') ?? []), note])
}

/** Says more of what the latest action of this request is about. */
export function noteTarget(context: Context<RequestEnvironment>, target: AuditTarget): void {
  const latest = context.get('notes')?.at(-1)
  if (!latest) return
  const more = { ...latest, target: { ...latest.target, ...target } }
  context.set('notes', [...(context.get('notes') ?? []).slice(0, -1), more])
}

/** A user has no business there, and is named so. */
function callerOf(principal: Principal): object {
  const { kind, issuer: iss } = principal
  return kind === 'service'
    ? { service: { iss, sub: principal.subject } }
    : { user: { iss, sub: principal.user } }
}

const said = (text: string): string => pathForLog(text.slice(0, MAX_LENGTH))

/** What is written down of a target: no token that somebody took for a name, and nothing endless. */
function sayable(target: AuditTarget): object {
  return Object.fromEntries(
    Object.entries(target).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string'
        ? said(value)
        : Array.isArray(value)
          ? value.map(String).map(said)
          : value,
    ]),
  )
}

/** One for each so many users that it names. */
function inParts(note: AuditNote): AuditNote[] {
  const { added = [], removed = [], ...target } = note.target
  const parts = Math.max(
    Math.ceil(added.length / USERS_PER_LINE),
    Math.ceil(removed.length / USERS_PER_LINE),
  )
  if (parts === 0) return [note]
  return Array.from({ length: parts }, (_, part) => {
    const of = (users: readonly string[]): readonly string[] =>
      users.slice(part * USERS_PER_LINE, (part + 1) * USERS_PER_LINE)
    return { ...note, target: { ...target, added: of(added), removed: of(removed) } }
  })
}
