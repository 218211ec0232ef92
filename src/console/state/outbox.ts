import * as z from 'zod/mini'
import { RecallReceipt, SendReceipt } from '../../protocol/send.js'
import type { Trouble } from './ask.js'
import { bodyOf, type Draft } from './draft.js'
import { Observable } from './observable.js'
import type { Session } from './session.js'

/** Most that are listed. */
const MAX_SENT = 20

/** A notification that was accepted. */
export interface Sent {
  receipt: SendReceipt
  title: string
  to: string
  /** `impossible` of what was kept in no inbox. */
  recall: 'impossible' | 'possible' | 'under way' | 'done' | 'failed'
}

/** What came of the last send, or recall. */
export type Outcome =
  | { kind: 'accepted'; receipt: SendReceipt; count: number }
  | { kind: 'recalled'; receipt: RecallReceipt }
  | { kind: 'subscribed'; user: string; topic: string }
  | { kind: 'refused'; trouble: Trouble; count: number }

/** What this page has sent. */
export class Outbox extends Observable {
  readonly #session: Session
  #sent: Sent[] = []
  #outcome: Outcome | undefined
  #isBusy = false
  /** How many were sent by the several, which are told apart by it. */
  #numbered = 0

  constructor(session: Session) {
    super()
    this.#session = session
  }

  /** Newest first. */
  get sent(): readonly Sent[] {
    return this.#sent
  }

  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Sends it so often, one after the other, until one is refused; never rejects. */
  async send(draft: Draft, count = 1): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    this.changed()
    for (let number = 1; number <= count; number++) {
      const body = bodyOf(draft, count > 1 ? this.#numbered + 1 : undefined)
      const answer = await this.#session.call(SendReceipt, '/v1/notifications', {
        method: 'POST',
        body,
      })
      if (!answer.ok) {
        this.#outcome = { kind: 'refused', trouble: answer.trouble, count: number - 1 }
        break
      }
      this.#outcome = { kind: 'accepted', receipt: answer.value, count: number }
      if (count > 1) this.#numbered++
      this.#note(answer.value, draft, body)
      this.changed()
    }
    this.#isBusy = false
    this.changed()
  }

  /** Takes it back out of every inbox; never rejects. */
  async recall(sent: Sent): Promise<void> {
    if (sent.recall !== 'possible' && sent.recall !== 'failed') return
    this.#setRecall(sent, 'under way')
    const path = `/v1/notifications/${sent.receipt.id}`
    const answer = await this.#session.call(RecallReceipt, path, { method: 'DELETE' })
    this.#outcome = answer.ok
      ? { kind: 'recalled', receipt: answer.value }
      : { kind: 'refused', trouble: answer.trouble, count: 0 }
    this.#setRecall(sent, answer.ok ? 'done' : 'failed')
  }

  /** Has the user hear of what is sent to the topic; never rejects. */
  async subscribe(user: string, topic: string): Promise<void> {
    const [inPath, ofPath] = [topic, user].map(encodeURIComponent)
    const path = `/v1/topics/${inPath}/subscribers/${ofPath}`
    const answer = await this.#session.call(z.undefined(), path, { method: 'PUT' })
    this.#outcome = answer.ok
      ? { kind: 'subscribed', user, topic }
      : { kind: 'refused', trouble: answer.trouble, count: 0 }
    this.changed()
  }

  #note(receipt: SendReceipt, draft: Draft, { title }: Record<string, unknown>): void {
    const to = draft.target === 'everyone' ? 'everyone' : draft.to
    const name = typeof title === 'string' ? title : draft.type
    const recall = receipt.status === 'sent' ? 'impossible' : 'possible'
    const sent: Sent = { receipt, title: name, to, recall }
    this.#sent = [sent, ...this.#sent].slice(0, MAX_SENT)
  }

  #setRecall({ receipt }: Sent, recall: Sent['recall']): void {
    this.#sent = this.#sent.map((sent) =>
      sent.receipt.id === receipt.id ? { ...sent, recall } : sent,
    )
    this.changed()
  }
}
