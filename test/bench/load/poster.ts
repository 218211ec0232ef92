import { SendReceipt } from '../../../src/protocol/send.js'
import type { Entry, Latency, RunReport } from '../messages.js'
import { HttpConnection, type Answer } from './http-connection.js'
import { inTurn } from './requests.js'

/** What was sent and answered in one run. */
export interface Posted {
  /** `milliseconds` from the request to its answer. */
  answers: { request: number; answer: Answer; milliseconds: number }[]
  /** `performance.now()` at the first request. */
  begun: number
  /** … and at the last answer. */
  ended: number
}

/**
 * Sends prebuilt requests, one after another and from the first again, over connections of which each sends the next
 * one as soon as it has its answer.
 */
export class Poster {
  readonly #urls: readonly string[]
  readonly #requests: readonly Buffer[]
  readonly #connections: number
  readonly #kept: (answer: Answer, request: number) => Answer
  #next = 0

  /** Keeps each answer as it is, where nothing says what is kept of it. */
  constructor(
    urls: readonly string[],
    requests: readonly Buffer[],
    connections: number,
    kept: (answer: Answer, request: number) => Answer = (answer) => answer,
  ) {
    this.#urls = urls
    this.#requests = requests
    this.#connections = connections
    this.#kept = kept
  }

  /** Takes new connections for each run, since servers close those that lie idle between two. */
  async run(milliseconds: number): Promise<Posted> {
    const connections = await Promise.all(
      Array.from({ length: this.#connections }, (_, index) =>
        HttpConnection.open(inTurn(this.#urls, index)),
      ),
    )
    try {
      return await this.#drive(connections, milliseconds)
    } finally {
      for (const connection of connections) connection.close()
    }
  }

  #drive(connections: readonly HttpConnection[], milliseconds: number): Promise<Posted> {
    return new Promise((resolve, reject) => {
      const answers: Posted['answers'] = []
      const begun = performance.now()
      let busy = connections.length
      for (const connection of connections) {
        let request = 0
        let sentAt = begun
        const answered = (answer: Answer): void => {
          const now = performance.now()
          answers.push({ request, answer: this.#kept(answer, request), milliseconds: now - sentAt })
          sentAt = now
          if (now < begun + milliseconds) request = this.#sendNext(connection)
          else if (--busy === 0) resolve({ answers, begun, ended: now })
        }
        connection.listen(answered, reject)
        request = this.#sendNext(connection)
      }
    })
  }

  #sendNext(connection: HttpConnection): number {
    const index = this.#next
    this.#next = (index + 1) % this.#requests.length
    const request = this.#requests[index]
    if (!request) throw new Error('there is nothing to send')
    connection.send(request)
    return index
  }
}

/** What is told of a run whose answers say this; each answer stands for so many notifications. */
export function reportOf(
  { answers, begun, ended }: Posted,
  found: Pick<RunReport, 'accepted' | 'violations'>,
  perAnswer = 1,
): RunReport {
  return {
    kind: 'ran',
    operations: answers.length * perAnswer,
    milliseconds: ended - begun,
    latency: percentilesOf(answers.map(({ milliseconds }) => milliseconds)),
    ...found,
  }
}

/** What half, and all but one in a hundred and in a thousand, stay below. */
export function percentilesOf(milliseconds: readonly number[]): Latency {
  const sorted = Float64Array.from(milliseconds).toSorted()
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) }
}

/** What the answers say was accepted, and what else they say. */
export function readAnswers(
  answers: Posted['answers'],
  users: readonly string[],
): { accepted: Entry[]; violations: string[] } {
  const accepted: Entry[] = []
  const violations: string[] = []
  for (const { request, answer } of answers) {
    const user = users[request] ?? ''
    if (answer.status === 201) {
      const { id, seq = 0 } = SendReceipt.parse(JSON.parse(answer.body))
      accepted.push([user, seq, id])
    } else {
      violations.push(`a request for ${user} was answered ${answer.status}: ${answer.body}`)
    }
  }
  return { accepted, violations }
}
