import { InboxError } from './errors.js'

/** The service refuses longer ones unread. */
const MAX_LENGTH = 8 * 1024
/** RFC 7515 §3.1: three parts in base64url, with dots between them. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** What is often given in a token's place, and what to say of it. */
const MISTAKES: readonly [RegExp, string][] = [
  [/^$/, 'an empty text.'],
  [/^</, 'a page of HTML: is it fetched from the right address?'],
  [/^[{["]/, 'JSON, and not the token alone.'],
  [/^bearer\s/i, '`Bearer` before the token, and not the token alone.'],
]

/**
 * What the application has given, as a token, without the white space around it. Whether the service takes it, that says.
 * @throws InboxError `token_failed`, which says what is wrong and nothing of what was given
 */
export function tokenOf(answer: unknown): string {
  if (answer === undefined) throw noToken('undefined: is a `return` missing?')
  if (answer === null) throw noToken('null.')
  if (typeof answer !== 'string') throw noToken(`a value of type ${typeof answer}, and no string.`)
  const token = answer.trim()
  const mistake = MISTAKES.find(([looks]) => looks.test(token))
  if (mistake) throw noToken(mistake[1])
  if (token.length > MAX_LENGTH) throw noToken(`more than ${MAX_LENGTH} characters.`)
  if (!COMPACT.test(token))
    throw noToken('no JWT: three parts of A-Z a-z 0-9 _ - with dots between them.')
  return token
}

function noToken(what: string): InboxError {
  return new InboxError('token_failed', `\`token\` gave ${what}`, { retryable: true })
}

/** Why there is no token: what was wrong with it, or what `token` threw. */
export function tokenFailed(cause: unknown): InboxError {
  if (cause instanceof InboxError && cause.code === 'token_failed') return cause
  return new InboxError('token_failed', '`token` has failed.', { retryable: true, cause })
}

/** What a socket threw that could not be opened; browsers name in it what they were given, the token too. */
export function connectFailed(cause: unknown, token: string): InboxError {
  const why = cause instanceof Error ? `: ${cause.message.replaceAll(token, '…')}` : '.'
  const detail = `The socket could not be opened${why}`
  return new InboxError('connect_failed', detail, { retryable: true })
}
