import * as z from 'zod/mini'
import { ProblemAnswer } from './answers.js'
import {
  PosthornAnswerError,
  PosthornApiError,
  PosthornNetworkError,
  PosthornTimeoutError,
  PosthornTokenError,
  type FailedCall,
  type PosthornClientError,
} from './errors.js'
import type { FetchAnswer } from './environment.js'
import type { Settings } from './options.js'
import type { Attempt } from './retry.js'
import { parseRetryAfter } from './retry-after.js'
import { limited } from './waiting.js'

/** What one request asks, and how its answer is read. */
export interface Request<Value> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** From `/v1` on. */
  path: string
  /** JSON. */
  body?: string | undefined
  idempotencyKey?: string | undefined
  /** The value of a 2xx, or undefined where it is not one of the protocol. */
  read: (answer: Answer) => { value: Value } | undefined
}

/** An answer that came whole. */
export interface Answer {
  status: number
  headers: FetchAnswer['headers']
  text: string
}

/** Reads a body by its schema. */
export function json<Schema extends z.ZodMiniType>(
  schema: Schema,
): (answer: Answer) => { value: z.output<Schema> } | undefined {
  return ({ text }) => {
    const parsed = schema.safeParse(parseJson(text))
    return parsed.success ? { value: parsed.data } : undefined
  }
}

/** Takes 204 alone: a 200 with a page would be of someone else. */
export function noContent({ status }: Answer): { value: undefined } | undefined {
  return status === 204 ? { value: undefined } : undefined
}

/**
 * One request and its answer, with no second try.
 * @throws PosthornClientError, or the reason of the caller's signal
 */
export async function exchange<Value>(
  settings: Settings,
  request: Request<Value>,
  { number, milliseconds }: Attempt,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const { environment, base } = settings
  const call: FailedCall = { attempts: number, idempotencyKey: request.idempotencyKey }
  let token = ''
  const ended = await limited(environment.timer, { milliseconds, signal }, async (signal) => {
    token = await tokenOf(settings, call)
    return ask(settings, request, { token, signal, call })
  })
  if (ended.kind === 'late') {
    const host = new URL(base).host
    throw new PosthornTimeoutError(`${host} did not answer in ${Math.ceil(milliseconds)} ms`, call)
  }
  const answer = ended.value
  if (answer.status < 200 || answer.status > 299) {
    throw errorOf(answer, { token, call, now: environment.clock() })
  }
  const read = request.read(answer)
  if (read) return read.value
  throw new PosthornAnswerError('unreadable_answer', { ...call, ...traceOf(answer) })
}

/** The whole answer, its body too: a connection may end in the middle of it. */
async function ask(
  { base, environment }: Settings,
  { method, path, body, idempotencyKey }: Omit<Request<unknown>, 'read'>,
  { token, signal, call }: { token: string; signal: AbortSignal; call: FailedCall },
): Promise<Answer> {
  try {
    const answer = await environment.fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': quote(idempotencyKey) }),
      },
      ...(body !== undefined && { body }),
      // The service redirects nobody; who was redirected would send its token, or its body no more, to another place.
      redirect: 'manual',
      signal,
    })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  } catch (cause) {
    throw new PosthornNetworkError(`no answer from ${new URL(base).host}`, { ...call, cause })
  }
}

/** @throws PosthornTokenError; `fetch` would show a token that is no header's value in its error */
async function tokenOf({ token }: Settings, call: FailedCall): Promise<string> {
  let given: string
  try {
    given = typeof token === 'string' ? token : await token()
  } catch (cause) {
    throw new PosthornTokenError('`token` failed', { ...call, cause })
  }
  if (/^[\x21-\x7e]+$/.test(given)) return given
  throw new PosthornTokenError('the token is empty, or holds what no header may', call)
}

function errorOf(
  answer: Answer,
  { token, call, now }: { token: string; call: FailedCall; now: number },
): PosthornClientError {
  // The service never sends a token back; what stands between may.
  const problem = ProblemAnswer.safeParse(parseJson(answer.text.replaceAll(token, '[token]')))
  const told = { ...call, ...traceOf(answer), retryAfterMs: parseRetryAfter(answer.headers, now) }
  if (problem.success) return new PosthornApiError(problem.data, told)
  return new PosthornAnswerError('unreadable_error', told)
}

function traceOf({ status, headers }: Answer): { status: number; requestId?: string } {
  const requestId = headers.get('x-request-id')
  return { status, ...(requestId !== null && { requestId }) }
}

/** A structured string (RFC 9651 §3.3.3), so that any key travels as it is: bare, one with a space at its end would not. */
function quote(key: string): string {
  return `"${key.replaceAll(/["\\]/g, '\\$&')}"`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
