import type { MarkResult } from '../protocol/mark.js'
import { authenticate } from './authenticate.js'
import { coalesce } from './coalesce.js'
import { Commands } from './commands.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import { Emitter, type Counts, type Handler, type InboxEvents } from './events.js'
import type { FrameOf, Notification } from './frames.js'
import type { Ids, Inbox } from './inbox.js'
import type { Link } from './link.js'
import { Lister } from './lister.js'
import { Lookup } from './lookup.js'
import { Log } from './log.js'
import { Marks } from './marks.js'
import { checkOptions, httpUrl, type ConnectOptions } from './options.js'
import { perSecond } from './pace.js'
import { Keeper } from './position.js'
import { Receiver } from './receiver.js'
import { SharedConnector } from './shared-connector.js'
import type { Status } from './status.js'
import { TokenRefresh } from './token-refresh.js'
import { TokenSource } from './token-source.js'
import { Whereabouts } from './whereabouts.js'
import { within } from './within.js'

/** As the application gives them, but that the device's name may have to be looked up. */
export interface CoreOptions extends Omit<ConnectOptions, 'device'> {
  device: (keeper: Keeper) => string | Promise<string>
}

/** For the handler that runs, when the inbox is closed. */
const CLOSE_WITHIN_MS = 2_000

/**
 * Opens a user's inbox in this environment; it connects by itself. Handlers belong on it at once, before anything can come.
 * @throws TypeError where an option is none
 */
export function open(options: CoreOptions, environment: Environment): Inbox {
  checkOptions(options)
  return new Core(options, environment)
}

class Core implements Inbox {
  readonly #environment: Environment
  readonly #emitter = new Emitter()
  readonly #tokens: TokenSource
  readonly #log: Log
  readonly #commands: Commands
  readonly #marks: Marks
  readonly #lister: Lister
  readonly #lookup: Lookup
  readonly #refresh: TokenRefresh
  readonly #receiver: Receiver
  readonly #whereabouts: Whereabouts
  readonly #connector: SharedConnector
  #status: Status = { state: 'connecting', attempt: 1 }
  #closing: Promise<void> | undefined

  constructor(options: CoreOptions, environment: Environment) {
    this.#environment = environment
    const { maxItems = 100, deadlineMs = 10_000, onPoison, storage } = options
    const report = (error: InboxError): void => this.#emitter.emit('error', error)
    const keeper = new Keeper(environment, storage, report)
    this.#tokens = new TokenSource({ environment, token: options.token, report })
    this.#log = new Log({
      environment,
      emitter: this.#emitter,
      keeper,
      keeps: () => this.#connector.isOwn,
      maxItems,
      onPoison,
      report,
      list: () => this.#lister.start(),
      lacking: () => this.#lookup.look(),
      thin: () => this.#lister.refill(),
      changed: coalesce(() => {
        if (this.#status.state !== 'closed') this.#emitter.emit('items', this.items())
      }),
    })
    this.#commands = new Commands(environment)
    this.#marks = new Marks({
      commands: this.#commands,
      deadlineMs,
      latest: () => this.#log.latest,
    })
    const reading = {
      environment,
      url: httpUrl(options.url, 'v1/inbox'),
      token: () => this.#connector.token(),
    }
    this.#lister = new Lister({
      ...reading,
      hasToken: () => this.#tokens.latest !== undefined,
      limit: maxItems,
      deadlineMs,
      begin: () => {
        this.#lookup.stop()
        this.#log.asking()
      },
      listed: (list) => this.#log.listed(list),
      report,
    })
    this.#lookup = new Lookup({
      ...reading,
      isLacking: () => this.#log.isLacking,
      take: () => this.#log.takeLacking(),
      begin: () => this.#log.asking(),
      found: (copies) => this.#log.found(copies),
      isListing: () => this.#lister.isBusy,
      list: () => this.#lister.start(),
    })
    this.#refresh = new TokenRefresh(environment, async () => {
      const token = await this.#tokens.ask()
      return authenticate(token, { commands: this.#commands, deadlineMs, report })
    })
    this.#receiver = new Receiver({
      emitter: this.#emitter,
      log: this.#log,
      commands: this.#commands,
      refresh: this.#refresh,
      caughtUp: () => {
        if (this.#status.state === 'open') this.#tell({ ...this.#status, phase: 'live' })
      },
    })
    this.#whereabouts = new Whereabouts({
      url: options.url,
      device: () => options.device(keeper),
      log: this.#log,
    })
    this.#connector = new SharedConnector({
      environment,
      tokens: this.#tokens,
      group: (token) => this.#whereabouts.group(token),
      prepare: (token) => this.#whereabouts.prepare(token),
      handled: () => this.#log.handled,
      address: (token) => this.#whereabouts.address(token),
      welcomed: (welcome, link) => this.#welcomed(welcome, link),
      frame: (frame) => this.#receiver.hear(frame),
      disconnected: () => this.#disconnected(),
      status: (status) => this.#tell(status),
      passed: (direction, text) => {
        if (this.#emitter.isHeard('frame')) this.#emitter.emit('frame', { direction, text })
      },
      report,
    })
    this.#connector.start()
  }

  on<Name extends keyof InboxEvents>(name: Name, handler: Handler<InboxEvents[Name]>): () => void {
    return this.#emitter.on(name, handler)
  }

  get status(): Status {
    return this.#status
  }

  get counts(): Counts | undefined {
    return this.#receiver.counts
  }

  items(): Notification[] {
    return this.#log.items()
  }

  get hasMore(): boolean {
    return this.#log.hasMore
  }

  loadMore(): Promise<void> {
    return this.#lister.more()
  }

  markRead(which: Ids): Promise<MarkResult> {
    return this.#marks.mark('read', which)
  }

  markSeen(which: Ids): Promise<MarkResult> {
    return this.#marks.mark('seen', which)
  }

  markUnread(which: Ids): Promise<MarkResult> {
    return this.#marks.mark('unread', which)
  }

  archive(which: Ids): Promise<MarkResult> {
    return this.#marks.mark('archived', which)
  }

  unarchive(which: Ids): Promise<MarkResult> {
    return this.#marks.mark('unarchived', which)
  }

  subscribe(topic: string): Promise<void> {
    return this.#marks.topic('subscribe', topic)
  }

  unsubscribe(topic: string): Promise<void> {
    return this.#marks.topic('unsubscribe', topic)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    // A handler may never end, or be the one that waits for this.
    await within(this.#environment, CLOSE_WITHIN_MS, () => this.#log.close()).catch(() => undefined)
    await this.#connector.close()
  }

  /** No plain object: frameworks that make those reactive, by a proxy that sees no private members, leave it as it is. */
  get [Symbol.toStringTag](): string {
    return 'Inbox'
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #welcomed(welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>): void {
    const { attempt: prepared } = this.#whereabouts
    if (!prepared) return
    const { isOwn } = this.#connector
    const { user, device, latest, tokenExpiresAt, serverTime } = welcome.payload
    const attempt = isOwn ? prepared : { ...prepared, start: undefined }
    const life = this.#log.welcomed(welcome, attempt, (seq) =>
      link.send({ type: 'ack', payload: { seq } }),
    )
    if (isOwn) this.#refresh.opened(tokenExpiresAt, serverTime)
    this.#receiver.count(welcome.payload)
    this.#tell({ state: 'open', phase: 'replaying', user, device })
    this.#commands.opened(life, latest, perSecond(isOwn), (command) => link.send(command))
  }

  #disconnected(): void {
    this.#log.disconnected()
    this.#commands.disconnected()
    this.#refresh.closed()
  }

  #tell(status: Status): void {
    this.#status = status
    if (status.state === 'closed') {
      this.#tokens.close()
      void this.#log.close()
      this.#log.disconnected()
      this.#refresh.closed()
      const { by, reason } = status.why
      const detail =
        by === 'application' ? 'The inbox was closed.' : `The service closed it: ${reason}`
      const error = new InboxError('closed', detail, { retryable: false })
      this.#lister.close(error)
      this.#lookup.stop()
      this.#commands.close(error)
    }
    this.#emitter.emit('status', status)
  }
}
