import { expect } from 'vitest'
import { Problem, PROBLEM_CONTENT_TYPE } from '../../src/protocol/problem.js'
import type { RawAnswer } from './raw.js'

/** The problem that an answer holds, in the contract's form: its request id is that of the header. */
export async function problemOf(response: Response): Promise<Problem> {
  return checked(await response.text(), response.status, (name) => response.headers.get(name))
}

export function problemOfRaw({ status, headers, body }: RawAnswer): Problem {
  return checked(body, status, (name) => headers.get(name) ?? null)
}

function checked(body: string, status: number, header: (name: string) => string | null): Problem {
  expect(header('content-type')).toBe(PROBLEM_CONTENT_TYPE)
  const problem = Problem.parse(JSON.parse(body))
  expect(problem.status).toBe(status)
  expect(problem.requestId).toBe(header('x-request-id'))
  expect(problem.detail).not.toBe('')
  return problem
}

/** An answer in short: `status code`, and the fields that were wrong. */
export async function shortOf(response: Response): Promise<string> {
  const { status, code, errors = [] } = await problemOf(response)
  return [status, code, ...errors.map(({ pointer, code }) => `${pointer}:${code}`)].join(' ')
}
