import { SendReceipt } from '../../src/protocol/send.js'
import { portBytes } from './byte-inputs.js'
import { handshakes } from './handshake-inputs.js'
import { checkAnswer } from './http-answers.js'
import { asksOfSent, requestOfSent, requests, sends, type HttpInput } from './http-inputs.js'
import type { KeepAlivePool } from './keep-alive.js'
import type { People } from './people.js'
import { converse } from './plain-socket.js'
import { sockets } from './socket-inputs.js'
import { RecentIds } from './recent-ids.js'
import { allOf, storm, type Storm } from './storm.js'
import { shakeHands, throwBytes, throwFrames } from './wire.js'
import { wires } from './wire-inputs.js'

/** Where inputs go to. */
export interface Target {
  url: string
  people: People
  pool: KeepAlivePool
}

/**
 * Sends `runs` bodies and frames, and with them, on top, requests of any kind, bytes at the port and handshakes: each kind
 * beside the others.
 * @throws Error with the first input that is answered otherwise than the contract says
 */
export async function stormOfAllKinds(
  { url, people, pool }: Target,
  context: Storm,
  runs: number,
): Promise<void> {
  const share = (part: number): number => Math.ceil(runs * part)
  const ask = async (input: HttpInput): Promise<string[]> => [
    checkAnswer(await pool.exchange(input), input),
  ]
  const sent = new RecentIds()
  const sendBody = async (input: HttpInput): Promise<string[]> => {
    const answer = await pool.exchange(input)
    const outcome = checkAnswer(answer, input)
    if (answer.status < 300) sent.add(SendReceipt.parse(JSON.parse(answer.body)).id)
    return [outcome]
  }
  const kinds = [
    storm(
      context,
      { name: 'bodies', arbitrary: sends(people), send: sendBody, atOnce: 16 },
      share(0.5),
    ),
    storm(
      context,
      {
        name: 'asking of what was sent',
        arbitrary: asksOfSent,
        send: (input) => ask(requestOfSent(people, input, sent.at(input.number))),
        atOnce: 2,
      },
      share(0.02),
    ),
    storm(
      context,
      {
        name: 'frames',
        arbitrary: sockets(people),
        size: ({ frames }) => frames.length,
        send: (input) => converse(url, people, input),
        atOnce: 12,
      },
      share(0.4),
    ),
    storm(
      context,
      {
        name: 'frames by hand',
        arbitrary: wires,
        size: ({ frames }) => frames.length,
        send: (input) => throwFrames(url, people, input),
        atOnce: 6,
      },
      share(0.1),
    ),
    storm(
      context,
      { name: 'requests', arbitrary: requests(people), send: ask, atOnce: 4 },
      share(0.05),
    ),
    storm(
      context,
      {
        name: 'bytes',
        arbitrary: portBytes(people),
        send: (bytes) => throwBytes(url, bytes),
        atOnce: 8,
      },
      share(0.03),
    ),
    storm(
      context,
      {
        name: 'handshakes',
        arbitrary: handshakes(people),
        send: (head) => shakeHands(url, head),
        atOnce: 4,
      },
      share(0.02),
    ),
  ]
  await allOf(kinds)
}
