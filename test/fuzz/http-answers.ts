import { ERRORS, type ErrorCode } from '../../src/protocol/errors.js'
import { Problem, PROBLEM_CONTENT_TYPE } from '../../src/protocol/problem.js'
import { RecallReceipt, SendReceipt } from '../../src/protocol/send.js'

/** An HTTP answer as it came. */
export interface HttpAnswer {
  status: number
  headers: ReadonlyMap<string, string>
  body: string
}

/** A 1xx announces the answer and isn't it (RFC 9110 §15.2); with 101 there is no HTTP any more. */
const isInterim = (status: number): boolean => status >= 100 && status < 200 && status !== 101

/**
 * Reads the first answer of a text of latin1, where it is whole: `end` is where the next begins. An answer to HEAD, and
 * one that switches protocols, has no body (RFC 9112 §6.3).
 * @throws Error for what is no HTTP answer
 */
export function readAnswer(
  text: string,
  method: string,
): { answer: HttpAnswer; end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const [, digits] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? []
  if (digits === undefined) throw new Error(`this is no HTTP answer: ${text.slice(0, 200)}`)
  const status = Number(digits)
  const start = headEnd + 4
  if (isInterim(status)) {
    const next = readAnswer(text.slice(start), method)
    return next && { answer: next.answer, end: start + next.end }
  }
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) {
    return { answer: { status, headers, body: '' }, end: start }
  }
  const body = headers.has('transfer-encoding')
    ? readChunks(text, start)
    : readLength(text, start, headers.get('content-length'))
  if (!body) return undefined
  const decoded = Buffer.from(body.text, 'latin1').toString()
  return { answer: { status, headers, body: decoded }, end: body.end }
}

function readLength(text: string, start: number, length: string | undefined) {
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, start)}`)
  const end = start + Number(length)
  return text.length < end ? undefined : { text: text.slice(start, end), end }
}

/** RFC 9112 §7.1 */
function readChunks(text: string, start: number): { text: string; end: number } | undefined {
  let body = ''
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const length = Number.parseInt(text.slice(at, lineEnd), 16)
    const end = lineEnd + 2 + length
    if (text.length < end + 2) return undefined
    if (length === 0) return { text: body, end: end + 2 }
    body += text.slice(lineEnd + 2, end)
    at = end + 2
  }
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/**
 * What an answer says in short, once it is seen to have the contract's form: a success, or a problem of the caller's that
 * stands in the table of errors.
 * @throws Error where it has not
 */
export function checkAnswer(
  { status, headers, body }: HttpAnswer,
  { method, path }: { method: string; path: string },
): string {
  const requestId = headers.get('x-request-id')
  if (requestId === undefined || requestId === '') throw new Error('an answer has a request id')
  if (status >= 200 && status < 300) {
    checkSuccess({ status, body }, { method, path })
    return String(status)
  }
  if (status < 400 || status > 499) throw new Error(`answered with ${status}: ${body}`)
  if (headers.get('content-type') !== PROBLEM_CONTENT_TYPE) throw new Error('no problem+json')
  if (status === 401 && !headers.has('www-authenticate')) throw new Error('a 401 has a challenge')
  if (method === 'HEAD') return String(status)
  const problem = Problem.parse(JSON.parse(body))
  const { code } = problem
  if (!isErrorCode(code)) throw new Error(`${code} is not in the table of errors`)
  if (problem.status !== status || ERRORS[code].status !== status) {
    throw new Error(`${code} was answered with ${status}`)
  }
  if (problem.requestId !== requestId) throw new Error('two request ids in one answer')
  return `${status} ${code}`
}

/** @throws Error where an answer that went well is not one that this request may have */
function checkSuccess(
  { status, body }: Pick<HttpAnswer, 'status' | 'body'>,
  { method, path }: { method: string; path: string },
): void {
  const isOfNotifications = /^\/v1\/notifications(?:\/[^/?]+)?(?:\?|$)/.test(path)
  const isSend = method === 'POST' && isOfNotifications && !path.includes('/batch')
  const isRecall = method === 'DELETE' && isOfNotifications
  const allowed = isSend ? [201, 202] : isRecall ? [200, 202] : [200, 204]
  if (method !== '' && !allowed.includes(status)) throw new Error(`${method} ${path}: ${status}`)
  if (isSend) SendReceipt.parse(JSON.parse(body))
  else if (isRecall) RecallReceipt.parse(JSON.parse(body))
  else if (body !== '' && !path.startsWith('/openapi.yaml')) JSON.parse(body)
}
