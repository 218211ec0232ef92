import { SendReceipt } from '../../../src/protocol/send.js'
import { serviceToken, tokenFor, type Api } from '../../harness.js'

/** What a service has said yes to. */
export interface Accepted {
  sent: { id: string; seq: number; collapseKey: string | null }[]
  recalled: string[]
  read: string[]
}

/** Sends, marks and recalls without a pause, until nobody answers; notes what was answered. */
export class Storm {
  readonly #accepted: Accepted = { sent: [], recalled: [], read: [] }
  #posters: Promise<void>[] = []
  #turn = 0

  async begin(api: Api, user: string): Promise<void> {
    const tokens = { service: await serviceToken(), user: await tokenFor(user) }
    const post = async (): Promise<void> => {
      try {
        for (;;) await this.#do(++this.#turn, api, user, tokens)
      } catch {
        // Killed in mid-request: whether that one was stored is open.
      }
    }
    this.#posters = [post(), post(), post()]
  }

  /** Resolves when nobody answers any more. */
  async ended(): Promise<Accepted> {
    await Promise.all(this.#posters)
    return this.#accepted
  }

  async #do(
    turn: number,
    api: Api,
    user: string,
    tokens: { service: string; user: string },
  ): Promise<void> {
    const { sent, recalled, read } = this.#accepted
    const recent = sent.slice(-20)
    const one = recent[turn % 7]
    if (turn % 6 === 0 && one) {
      const path = `/v1/notifications/${one.id}`
      const answer = await api.request(path, { method: 'DELETE', token: tokens.service })
      await answer.text()
      if (answer.ok) recalled.push(one.id)
    } else if (turn % 4 === 0 && recent.length > 0) {
      const action = turn % 8 === 0 ? 'read' : turn % 3 === 0 ? 'archived' : 'unarchived'
      const ids = recent.slice(turn % 5, (turn % 5) + 4).map(({ id }) => id)
      if (ids.length === 0) return
      const body = { action, ids }
      const mark = { method: 'POST', token: tokens.user, body }
      const answer = await api.request('/v1/inbox/mark', mark)
      await answer.text()
      if (answer.ok && action === 'read') read.push(...ids)
    } else {
      const collapseKey = turn % 5 === 0 ? `key-${turn % 3}` : null
      const body = { to: { user }, type: 'test', title: `${turn}`, collapseKey }
      const { id, seq } = await stored(await api.post(body, { token: tokens.service }))
      sent.push({ id, seq: seq ?? 0, collapseKey })
    }
  }
}

async function stored(answer: Response): Promise<SendReceipt> {
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
  return SendReceipt.parse(await answer.json())
}
