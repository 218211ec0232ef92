import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** How long an answer may take before a client asks anew, in milliseconds: a node that stands still says nothing at all. */
const PATIENCE_MS = 3_000

/** Milliseconds until a client that was let down tries again; each time twice as long, up to the second. */
const BACK_OFF_MS = { first: 25, last: 400 }

export interface Question {
  method?: 'GET' | 'POST'
  token: string
  body?: unknown
  headers?: Record<string, string>
}

interface Answer {
  status: number
  body: string
}

/** Asks over a connection of its own, which a balancer may lead to any node. */
function ask(url: URL, { method = 'GET', token, body, headers }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method,
      agent: false,
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    asked.once('error', reject)
    asked.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/**
 * Asks until it is answered with 2xx: again where nobody answers, or a server says that it can't now.
 * @throws Error for an answer that asking again does not change, and where nobody answers before `signal`
 */
export async function askUntilAnswered(
  url: URL,
  question: Question,
  signal: AbortSignal,
): Promise<string> {
  for (let pause = BACK_OFF_MS.first; ; pause = Math.min(2 * pause, BACK_OFF_MS.last)) {
    const answer = await ask(url, question).catch((error: unknown) => error)
    if (isAnswer(answer)) {
      if (answer.status < 300) return answer.body
      if (answer.status < 500 && answer.status !== 429) {
        throw new Error(`${url.pathname} was answered ${answer.status}: ${answer.body}`)
      }
    }
    await wait(pause, undefined, { signal })
  }
}

function isAnswer(answer: unknown): answer is Answer {
  return typeof answer === 'object' && answer !== null && 'status' in answer
}
