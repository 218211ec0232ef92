import type * as client from '../../src/client/browser.js'
import { InboxError } from '../../src/client/errors.js'
import { Emitter, type Counts, type Handler, type InboxEvents } from '../../src/client/events.js'
import type { Notification } from '../../src/client/frames.js'
import type { Ids, MarkResult } from '../../src/client/inbox.js'
import type { Status } from '../../src/client/status.js'
import type { InboxSource, PosthornInbox } from '../../src/element/index.js'

const LIVE: Status = { state: 'open', phase: 'live', user: 'ann', device: 'web' }

/** An inbox in the page that does as the test says: for states of the connection that are hard to bring about. */
export class FakeInbox implements InboxSource {
  readonly #emitter = new Emitter()
  readonly #held = new Map<string, Notification>()
  #seq = 0
  #listeners = 0
  status: Status = LIVE
  hasMore = false
  /** What the element asked for, in order. */
  readonly asked: string[] = []
  /** The next commands fail with this code; `'never'` answers nothing. */
  failWith: string | undefined

  get listeners(): number {
    return this.#listeners
  }

  on<Name extends keyof InboxEvents>(name: Name, handler: Handler<InboxEvents[Name]>): () => void {
    this.#listeners++
    const stop = this.#emitter.on(name, handler)
    return () => {
      this.#listeners--
      stop()
    }
  }

  get counts(): Counts {
    const items = this.items()
    return {
      unread: items.filter(({ readAt }) => readAt === null).length,
      unseen: items.filter(({ seenAt }) => seenAt === null).length,
    }
  }

  items(): Notification[] {
    return [...this.#held.values()]
      .filter(({ archivedAt }) => archivedAt === null)
      .toSorted((a, b) => b.arrivedSeq - a.arrivedSeq)
  }

  /** Puts one in, as an arrival that is told, or in silence. Gives its id. */
  put(given: Partial<Notification> = {}, how: 'listed' | 'live' | 'replayed' = 'listed'): string {
    const seq = ++this.#seq
    const notification: Notification = {
      id: `n${seq}`,
      seq,
      arrivedSeq: seq,
      type: 'order.shipped',
      title: `Title ${seq}`,
      body: null,
      url: null,
      icon: null,
      data: null,
      priority: 'normal',
      collapseKey: null,
      topic: null,
      sender: 'shop',
      createdAt: new Date().toISOString(),
      expiresAt: null,
      seenAt: null,
      readAt: null,
      archivedAt: null,
      ...given,
    }
    this.#held.set(notification.id, notification)
    this.#changed()
    if (how !== 'listed') {
      const replayed = how === 'replayed'
      this.#emitter.emit('notification', { notification, replayed, isNew: true })
    }
    return notification.id
  }

  /** Changes the state of one as another device would. */
  update(id: string, change: Partial<Notification>): void {
    const held = this.#held.get(id)
    if (!held) throw new Error(`there is no ${id}`)
    const notification = { ...held, seq: ++this.#seq, ...change }
    this.#held.set(id, notification)
    const { seq, seenAt, readAt, archivedAt } = notification
    this.#changed()
    const replayed = false
    this.#emitter.emit('updated', { id, seq, seenAt, readAt, archivedAt, replayed, notification })
  }

  remove(id: string): void {
    this.#held.delete(id)
    this.#changed()
    const seq = ++this.#seq
    const rest = { collapseKey: undefined, reason: 'recalled', replayed: false }
    this.#emitter.emit('removed', { id, seq, ...rest })
  }

  tell(status: Status): void {
    this.status = status
    this.#emitter.emit('status', status)
  }

  goLive(): void {
    this.tell(LIVE)
  }

  fail(code: string): void {
    this.#emitter.emit('error', new InboxError(code, 'It failed.', { retryable: true }))
  }

  markRead(which: Ids): Promise<MarkResult> {
    const now = new Date().toISOString()
    return this.#mark('read', which, { seenAt: now, readAt: now })
  }

  markSeen(which: Ids): Promise<MarkResult> {
    return this.#mark('seen', which, { seenAt: new Date().toISOString() })
  }

  markUnread(which: Ids): Promise<MarkResult> {
    return this.#mark('unread', which, { readAt: null })
  }

  archive(which: Ids): Promise<MarkResult> {
    return this.#mark('archive', which, { archivedAt: new Date().toISOString() })
  }

  async loadMore(): Promise<void> {
    await this.#ask('more')
    this.hasMore = false
    for (let count = 0; count < 3; count++) {
      this.put({ title: `Older ${count}`, arrivedSeq: -count, readAt: new Date().toISOString() })
    }
  }

  async #mark(action: string, which: Ids, change: Partial<Notification>): Promise<MarkResult> {
    const ids = which === 'all' ? this.items().map(({ id }) => id) : [which].flat()
    await this.#ask(`${action} ${[which].flat().join(' ')}`)
    for (const id of ids) this.update(id, change)
    return { updated: ids.length, ...this.counts, latest: this.#seq }
  }

  async #ask(what: string): Promise<void> {
    this.asked.push(what)
    if (this.failWith === 'never') await new Promise(() => {})
    if (this.failWith !== undefined) {
      throw new InboxError(this.failWith, 'It failed.', { retryable: true })
    }
  }

  #changed(): void {
    this.#emitter.emit('items', this.items())
    this.#emitter.emit('counts', this.counts)
  }
}

/** Loads a module of the site's. */
function load(path: '/client.js'): Promise<typeof client>
function load(path: string): Promise<unknown>
function load(path: string): Promise<unknown> {
  return import(path)
}

declare global {
  interface Window {
    FakeInbox: typeof FakeInbox
    fake: FakeInbox
    /** The page's element. */
    element: () => PosthornInbox
    load: typeof load
  }
}

window.FakeInbox = FakeInbox
window.fake = new FakeInbox()
window.element = () => {
  const element = document.querySelector('posthorn-inbox')
  if (!element) throw new Error('there is no element in the page')
  return element
}
window.load = load
