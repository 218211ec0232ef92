import { SignJWT } from 'jose'
import type { Context } from './context.js'

/** How long one request may take, and how long one is tried again, in milliseconds. */
const REQUEST_MS = 30_000
const GIVE_UP_MS = 120_000

/** Between two tries, in milliseconds. */
const RETRY_MS = [200, 1_500] as const

/** Statuses that say: not now. */
const LATER = new Set([429, 503])

export interface Request {
  method?: string
  token: string
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  json: unknown
}

/** The token of a service that may do all that a crowd does. */
export function serviceToken(secret: string, name: string): Promise<string> {
  const scope = 'posthorn:send posthorn:read posthorn:topics'
  return new SignJWT({ scope, sub: name, exp: Math.floor(Date.now() / 1000) + 24 * 3_600 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret))
}

/** Asks once; undefined where there was no answer: the service was killed, say, before it or after it had done so. */
export async function ask(
  { url, oracle }: Context,
  path: string,
  { method = 'GET', token, body, headers = {} }: Request,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status } = response
    oracle.count(`answers ${status}`)
    if (status >= 500 && status !== 503)
      oracle.complain('the service does not fail', `${path}: ${status} ${text}`)
    const json: unknown = text === '' ? undefined : JSON.parse(text)
    return { status, json }
  } catch {
    oracle.count('requests without an answer')
    return undefined
  }
}

/** Asks until there is an answer other than: not now. What is asked for so must be the same if done twice. */
export async function askUntilAnswered(
  context: Context,
  path: string,
  request: Request,
): Promise<Answer> {
  const begun = performance.now()
  for (;;) {
    const answer = await ask(context, path, request)
    if (answer && !LATER.has(answer.status)) return answer
    if (performance.now() - begun > GIVE_UP_MS) {
      context.oracle.complain('the service comes back', `${path} was not answered`)
      return { status: 0, json: undefined }
    }
    await new Promise((resolve) => setTimeout(resolve, context.between(RETRY_MS)))
  }
}
