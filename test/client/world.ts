import { open } from '../../src/client/core.js'
import type { ClientStorage, Environment } from '../../src/client/environment.js'
import type { InboxEvents } from '../../src/client/events.js'
import type { Inbox } from '../../src/client/inbox.js'
import type { ConnectOptions } from '../../src/client/public.js'
import { FakeServer } from './fake-server.js'
import { FakeBrowser, type FakeTab } from './fake-tabs.js'
import { FakeTime } from './fake-time.js'

/** A token of a user, as far as a client reads one: nobody signed it. */
export function fakeToken(sub: string, mark = ''): string {
  const payload = btoa(JSON.stringify({ sub, mark })).replace(/=+$/, '')
  return `header.${payload}.signature`
}

/** What outlives a client; a test may look into it, or let it fail. */
class FakeStorage implements ClientStorage {
  readonly content = new Map<string, string>()
  fails = false
  writes = 0

  get(key: string): string | undefined {
    if (this.fails) throw new Error('the storage is broken')
    return this.content.get(key)
  }

  set(key: string, value: string): void {
    if (this.fails) throw new Error('the storage is full')
    this.writes++
    this.content.set(key, value)
  }
}

/** A world whose time the test moves, with one service and the clients that a test opens in it. */
export class World {
  readonly time = new FakeTime()
  readonly server = new FakeServer()
  readonly storage = new FakeStorage()
  /** Whose tabs share a connection. */
  readonly browser = new FakeBrowser()
  /** What `random()` gives: by default the longest wait that there is. */
  drawn = 1
  readonly #wakes = new Set<() => void>()
  readonly #inboxes: Inbox[] = []
  readonly #tabs: FakeTab[] = []

  readonly environment: Environment = {
    now: () => this.time.now,
    after: (milliseconds, call) => this.time.after(milliseconds, call),
    random: () => this.drawn,
    randomName: () => 'a-random-name',
    openSocket: (request, events) => this.server.open(request, events),
    getJson: (url, token, signal) => this.server.getJson(url, token, signal),
    onWake: (call) => {
      this.#wakes.add(call)
      return () => void this.#wakes.delete(call)
    },
  }

  /** Opens alice's inbox, and notes what it tells. */
  open(options: Partial<ConnectOptions> = {}): Client {
    return new Client(this.#open(this.environment, options))
  }

  /** Opens the same in one more tab of the browser. */
  openTab(options: Partial<ConnectOptions> = {}): TabClient {
    const tab = this.browser.open(this.environment, `tab-${this.#tabs.length}`)
    const storage = tab.storage(this.storage)
    this.#tabs.push(tab)
    return new TabClient(this.#open(tab.environment, { storage, ...options }), tab)
  }

  #open(environment: Environment, options: Partial<ConnectOptions>): Inbox {
    const inbox = open(
      {
        url: 'https://notify.example',
        token: () => fakeToken('alice'),
        storage: this.storage,
        ...options,
        device: () => options.device ?? 'phone',
      },
      environment,
    )
    this.#inboxes.push(inbox)
    return inbox
  }

  /** The network is back, or the page is seen. */
  async wake(): Promise<void> {
    for (const call of this.#wakes) call()
    await this.time.settle()
  }

  /** Who still waits to be woken. */
  get watched(): number {
    return this.#wakes.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tab of this.#tabs) tab.thaw()
    const closed = Promise.all(this.#inboxes.map((inbox) => inbox.close()))
    await this.time.pass(10_000)
    // A tab that has crashed never answers.
    if (!this.#tabs.some(({ isCrashed }) => isCrashed)) await closed
  }
}

type Heard = { [Name in keyof InboxEvents]: InboxEvents[Name][] }

/** An inbox and all that it has told. */
export class Client {
  readonly inbox: Inbox
  readonly heard: Heard = {
    notification: [],
    updated: [],
    removed: [],
    gap: [],
    ephemeral: [],
    counts: [],
    items: [],
    status: [],
    error: [],
    frame: [],
  }

  constructor(inbox: Inbox) {
    this.inbox = inbox
    this.#note('notification', this.heard.notification)
    this.#note('updated', this.heard.updated)
    this.#note('removed', this.heard.removed)
    this.#note('gap', this.heard.gap)
    this.#note('ephemeral', this.heard.ephemeral)
    this.#note('counts', this.heard.counts)
    this.#note('items', this.heard.items)
    this.#note('status', this.heard.status)
    this.#note('error', this.heard.error)
    this.#note('frame', this.heard.frame)
  }

  /** Where in the log stands what the application was handed as notifications. */
  get seqs(): number[] {
    return this.heard.notification.map(({ notification }) => notification.seq)
  }

  get titles(): (string | null)[] {
    return this.inbox.items().map(({ title }) => title)
  }

  get errors(): string[] {
    return this.heard.error.map(({ code }) => code)
  }

  get states(): string[] {
    return this.heard.status.map((status) =>
      status.state === 'open' ? status.phase : status.state,
    )
  }

  #note<Name extends keyof InboxEvents>(name: Name, list: InboxEvents[Name][]): void {
    this.inbox.on(name, (event) => void list.push(event))
  }
}

/** One that has a tab of its own. */
export class TabClient extends Client {
  readonly tab: FakeTab

  constructor(inbox: Inbox, tab: FakeTab) {
    super(inbox)
    this.tab = tab
  }
}

/** With what a command fails; it fails itself where that succeeds. */
export function failureOf(command: Promise<unknown>): Promise<unknown> {
  return command.then(
    () => Promise.reject(new Error('it has succeeded')),
    (error: unknown) => error,
  )
}
