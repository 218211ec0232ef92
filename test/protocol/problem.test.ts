import { describe, expect, test } from 'vitest'
import { ERRORS, PosthornError, type ErrorCode, type Violation } from '../../src/protocol/errors.js'
import { challenge, Problem, PROBLEM_CONTENT_TYPE, toProblem } from '../../src/protocol/problem.js'

function isErrorCode(code: string): code is ErrorCode {
  return code in ERRORS
}
const codes = Object.keys(ERRORS).filter(isErrorCode)

test.each(codes)('writes %s as a problem by its schema', (code) => {
  const problem = toProblem(new PosthornError(code, 'What happened.'), 'request-1')
  expect(Problem.parse(problem)).toEqual({
    type: `urn:posthorn:error:${code}`,
    title: ERRORS[code].title,
    status: ERRORS[code].status,
    detail: 'What happened.',
    code,
    requestId: 'request-1',
  })
})

test('has the media type of RFC 9457', () => {
  expect(PROBLEM_CONTENT_TYPE).toBe('application/problem+json')
})

test('lists what was wrong with the input', () => {
  const violations: Violation[] = [{ pointer: '/to', code: 'required', detail: 'needed' }]
  const error = new PosthornError('invalid_request', 'Not valid.', { violations })
  expect(toProblem(error, 'r')).toMatchObject({ errors: violations })
})

test('keeps the cause to itself', () => {
  const cause = new Error('SQLITE_FULL at /secret/path')
  const problem = toProblem(new PosthornError('internal', 'Something went wrong.', { cause }), 'r')
  expect(JSON.stringify(problem)).not.toContain('secret')
})

const challengeOf = (code: ErrorCode) => challenge(new PosthornError(code, 'words'))

describe('the challenge of RFC 6750 §3', () => {
  test('names no error where no token came', () => {
    expect(challengeOf('missing_token')).toBe('Bearer realm="posthorn"')
  })

  test.each<[ErrorCode, string]>([
    ['invalid_token', 'invalid_token'],
    ['token_expired', 'invalid_token'],
    ['token_revoked', 'invalid_token'],
    ['insufficient_scope', 'insufficient_scope'],
  ])('answers %s with the error %s', (code, error) => {
    expect(challengeOf(code)).toBe(`Bearer realm="posthorn", error="${error}"`)
  })

  test('comes with each 401', () => {
    const without = codes.filter((code) => ERRORS[code].status === 401 && !challengeOf(code))
    expect(without).toEqual([])
  })

  test('comes with nothing that no other token would mend', () => {
    const others = codes.filter((code) => ![401, 403].includes(ERRORS[code].status))
    expect(others.filter((code) => challengeOf(code) !== undefined)).toEqual([])
  })
})
