import type { ClientStorage, Environment } from '../../src/client/environment.js'
import type { Peer, PeerEvents } from '../../src/client/peers.js'

interface Member {
  name: string
  tab: FakeTab
  events: PeerEvents
  left: boolean
}

/** The tabs of one browser, whose messages and locks the test may look at. */
export class FakeBrowser {
  readonly #members: Member[] = []
  /** Who waits for a lock or has it, which is the first of its name. */
  readonly #queue: Member[] = []
  readonly #elected = new Set<Member>()
  /** Whether its tabs may tell each other nothing. */
  isMute = false
  /** Carry out what a browser does in its own time: messages in their order, and locks. */
  readonly #passOn: (call: () => void) => void
  readonly #grant: (call: () => void) => void

  constructor(
    passOn: (call: () => void) => void = (call) => queueMicrotask(call),
    grant: (call: () => void) => void = passOn,
  ) {
    this.#passOn = passOn
    this.#grant = grant
  }

  /** A tab in this environment, which all tabs have in common but for what is theirs. */
  open(environment: Environment, name: string): FakeTab {
    return new FakeTab(environment, name, this)
  }

  /** Who has joined any group and has not left. */
  get joined(): number {
    return this.#members.length
  }

  /** Something that no tab of this version would say. */
  say(message: unknown): void {
    for (const { tab, events } of this.#members) tab.run(() => events.heard(message))
  }

  join(tab: FakeTab, name: string, events: PeerEvents): Peer | undefined {
    if (this.isMute) return undefined
    const member: Member = { name, tab, events, left: false }
    this.#members.push(member)
    this.#queue.push(member)
    this.#elect(name)
    return {
      tell: (message) => {
        if (!member.left) this.#tell(member, structuredClone(message))
      },
      seize: () => this.#seize(member),
      leave: () => this.leave(member),
    }
  }

  /** What a browser does for a tab that ends. */
  leaveAll(tab: FakeTab): void {
    for (const member of this.#members.filter((each) => each.tab === tab)) this.leave(member)
  }

  leave(member: Member): void {
    if (member.left) return
    member.left = true
    remove(this.#members, member)
    remove(this.#queue, member)
    this.#elected.delete(member)
    this.#elect(member.name)
  }

  #tell(from: Member, message: unknown): void {
    for (const to of this.#members) {
      if (to === from || to.name !== from.name) continue
      this.#passOn(() => to.tab.run(() => !to.left && to.events.heard(structuredClone(message))))
    }
  }

  #seize(member: Member): void {
    if (member.left) return
    if (this.#elected.has(member)) return member.events.elected()
    const holder = this.#queue.find(({ name }) => name === member.name)
    remove(this.#queue, member)
    this.#queue.unshift(member)
    if (holder && this.#elected.delete(holder)) {
      remove(this.#queue, holder)
      this.#queue.push(holder)
      this.#grant(() => holder.tab.run(() => !holder.left && holder.events.deposed()))
    }
    this.#elect(member.name)
  }

  #elect(name: string): void {
    this.#grant(() => {
      const first = this.#queue.find((member) => member.name === name)
      if (!first || this.#elected.has(first)) return
      this.#elected.add(first)
      first.tab.run(() => this.#elected.has(first) && first.events.elected())
    })
  }
}

/** One tab: what happens to it waits while it is frozen, and is lost once it has crashed. */
export class FakeTab {
  readonly environment: Environment
  readonly #browser: FakeBrowser
  #state: 'runs' | 'frozen' | 'crashed' = 'runs'
  #backlog: (() => unknown)[] = []
  #isDeaf = false
  /** Lets go of what a crash ends. */
  readonly #ends = new Set<() => void>()

  constructor(base: Environment, name: string, browser: FakeBrowser) {
    this.#browser = browser
    this.environment = {
      ...base,
      randomName: () => name,
      after: (milliseconds, call) => this.#after(base, milliseconds, call),
      openSocket: (request, events) => {
        const socket = base.openSocket(request, {
          received: (text) => this.run(() => events.received(text)),
          closed: (code, reason) => this.run(() => events.closed(code, reason)),
        })
        this.#owned(() => socket.abandon())
        return socket
      },
      getJson: (url, token, signal) => this.#answer(base.getJson(url, token, signal)),
      onWake: (call) => this.#owned(base.onWake(() => !this.#isDeaf && this.run(call))),
      peers: { join: (group, events) => browser.join(this, group, events) },
    }
  }

  storage(base: ClientStorage): ClientStorage {
    return {
      get: (key) => this.#answer(Promise.resolve(base.get(key))),
      set: (key, value) => {
        if (this.#state !== 'crashed') return base.set(key, value)
        return undefined
      },
    }
  }

  get isCrashed(): boolean {
    return this.#state === 'crashed'
  }

  crash(): void {
    this.#state = 'crashed'
    this.#backlog = []
    for (const end of this.#ends) end()
    this.#browser.leaveAll(this)
  }

  /** It shows a dialog, say: nothing runs in it. */
  freeze(): void {
    if (this.#state === 'runs') this.#state = 'frozen'
  }

  /** Its page is hidden: nobody wakes it. */
  deafen(): void {
    this.#isDeaf = true
  }

  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'runs'
    const backlog = this.#backlog
    this.#backlog = []
    for (const call of backlog) call()
  }

  run(call: () => unknown): void {
    if (this.#state === 'runs') call()
    else if (this.#state === 'frozen') this.#backlog.push(call)
  }

  #after(base: Environment, milliseconds: number, call: () => void): () => void {
    let isOver = false
    const end = this.#owned(base.after(milliseconds, () => this.run(() => isOver || call())))
    return () => {
      // It may have ended while the tab was frozen, and wait.
      isOver = true
      end()
    }
  }

  #owned(end: () => void): () => void {
    // What a tab began in its last moment ends with it.
    if (this.#state === 'crashed') end()
    else this.#ends.add(end)
    return () => {
      this.#ends.delete(end)
      end()
    }
  }

  #answer<Value>(answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.run(() => resolve(value)),
        (error: unknown) => this.run(() => reject(error instanceof Error ? error : new Error())),
      )
    })
  }
}

function remove<Item>(list: Item[], item: Item): void {
  const place = list.indexOf(item)
  if (place >= 0) list.splice(place, 1)
}
