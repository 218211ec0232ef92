import * as z from 'zod/mini'
import type { Violation } from '../../protocol/errors.js'
import { Problem } from '../../protocol/problem.js'

/** Why a request has not been answered as it was meant to be. */
export interface Trouble {
  /** The service's, or `unreachable` and `unreadable` of this page. */
  code: string
  title: string
  detail: string
  /** Undefined where no answer came. */
  status?: number
  requestId?: string
  /** Which fields are wrong. */
  errors: readonly Violation[]
}

export type Answer<Value> =
  { ok: true; value: Value; status: number } | { ok: false; trouble: Trouble }

export interface Question {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  token?: string | undefined
  body?: unknown
}

const ANSWER_WITHIN_MS = 15_000
const NO_CONTENT = 204

/** Asks the service that served this page; never rejects. */
export async function ask<Schema extends z.ZodMiniType>(
  schema: Schema,
  path: string,
  { method = 'GET', token, body }: Question = {},
): Promise<Answer<z.infer<Schema>>> {
  let status: number | undefined
  let json: unknown
  try {
    const response = await fetch(path, {
      method,
      credentials: 'omit',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    status = response.status
    if (status !== NO_CONTENT) json = await response.json()
  } catch {
    return { ok: false, trouble: status === undefined ? unreachable() : unreadable(status) }
  }
  if (status >= 400) return { ok: false, trouble: troubleOf(json, status) }
  const value = schema.safeParse(json)
  return value.success
    ? { ok: true, value: value.data, status }
    : { ok: false, trouble: unreadable(status) }
}

function troubleOf(json: unknown, status: number): Trouble {
  const problem = Problem.safeParse(json)
  if (!problem.success) return unreadable(status)
  const { code, title, detail, requestId, errors = [] } = problem.data
  return { code, title, detail, status, requestId, errors }
}

function unreachable(): Trouble {
  return {
    code: 'unreachable',
    title: 'The service can’t be reached',
    detail: 'The service does not answer.',
    errors: [],
  }
}

function unreadable(status: number): Trouble {
  return {
    code: 'unreadable',
    title: 'The answer can’t be read',
    detail: 'What answered is no Posthorn of the version of this page: load the page again.',
    status,
    errors: [],
  }
}
