import type { MarkResult } from '../protocol/mark.js'
import { authenticate } from './authenticate.js'
import { coalesce } from './coalesce.js'
import { Commands } from './commands.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import { Emitter, type Counts, type Handler, type InboxEvents } from './events.js'
import type { Frame, FrameOf, Notification } from './frames.js'
import type { Ids, Inbox } from './inbox.js'
import type { Link } from './link.js'
import { Lister } from './lister.js'
import { Lookup } from './lookup.js'
import { Log, type Attempt } from './log.js'
import { Marks } from './marks.js'
import { httpUrl, socketUrl, type ConnectOptions } from './options.js'
import { Keeper } from './position.js'
import { SharedConnector } from './shared-connector.js'
import { SHARED_VERSION } from './shared-messages.js'
import type { Status } from './status.js'
import { subjectOf } from './subject.js'
import { TokenRefresh } from './token-refresh.js'
import { within } from './within.js'

/** As the application gives them, but that the device's name may have to be looked up. */
export interface CoreOptions extends Omit<ConnectOptions, 'device'> {
  device: (keeper: Keeper) => string | Promise<string>
}

/** For the handler that runs, when the inbox is closed. */
const CLOSE_WITHIN_MS = 2_000

/** Commands a second on a connection of its own, and on one that is another tab's: a few tabs stay below the service's 50. */
const OWN_COMMANDS = 40
const SHARED_COMMANDS = 8

/** Opens a user's inbox in this environment; it connects by itself. Handlers belong on it at once, before anything can come. */
export function open(options: CoreOptions, environment: Environment): Inbox {
  return new Core(options, environment)
}

class Core implements Inbox {
  readonly #options: CoreOptions
  readonly #environment: Environment
  readonly #emitter = new Emitter()
  readonly #keeper: Keeper
  readonly #log: Log
  readonly #commands: Commands
  readonly #marks: Marks
  readonly #lister: Lister
  readonly #lookup: Lookup
  readonly #refresh: TokenRefresh
  readonly #connector: SharedConnector
  #attempt: Attempt | undefined
  #status: Status = { state: 'connecting', attempt: 1 }
  #counts: Counts | undefined
  #closing: Promise<void> | undefined

  constructor(options: CoreOptions, environment: Environment) {
    this.#options = options
    this.#environment = environment
    const { maxItems = 100, deadlineMs = 10_000, onPoison, storage } = options
    const report = (error: InboxError): void => this.#emitter.emit('error', error)
    this.#keeper = new Keeper(environment, storage, report, environment.peers !== undefined)
    this.#log = new Log({
      environment,
      emitter: this.#emitter,
      keeper: this.#keeper,
      keeps: () => this.#connector.isOwn,
      maxItems,
      onPoison,
      report,
      list: () => this.#lister.start(),
      lacking: () => this.#lookup.look(),
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
      hasToken: () => this.#connector.hasToken,
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
      const token = await this.#connector.askToken()
      return authenticate(token, { commands: this.#commands, deadlineMs, report })
    })
    this.#connector = new SharedConnector({
      environment,
      token: options.token,
      group: (token) => this.#group(token),
      prepare: (token) => this.#prepare(token),
      handled: () => this.#log.handled,
      address: (token) => this.#address(token),
      welcomed: (welcome, link) => this.#welcomed(welcome, link),
      frame: (frame) => this.#hear(frame),
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
    return this.#counts
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** This device of the service, as the name under which things of it are kept. */
  async #place(): Promise<{ device: string; key: string }> {
    const device = await this.#options.device(this.#keeper)
    const { host, pathname } = socketUrl(this.#options.url, {})
    return { device, key: `posthorn:${host}${pathname}:${device}` }
  }

  /** Tabs share a connection where all of this is the same: a token of another user is never among them. */
  async #group(token: string): Promise<string | undefined> {
    const { key } = await this.#place()
    const subject = subjectOf(token)
    return subject === undefined ? undefined : `${key}:${SHARED_VERSION}:${subject}`
  }

  /** Another tab's connection starts where that tab says. */
  async #prepare(token: string): Promise<void> {
    const { key } = await this.#place()
    this.#attempt = await this.#log.prepare(key, subjectOf(token))
  }

  async #address(token: string): Promise<URL> {
    const { device, key } = await this.#place()
    this.#attempt = await this.#log.prepare(key, subjectOf(token))
    return socketUrl(this.#options.url, { device, batch: true, ...this.#attempt.start })
  }

  #welcomed(welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>): void {
    if (!this.#attempt) return
    const { isOwn } = this.#connector
    const { user, device, latest, tokenExpiresAt, serverTime } = welcome.payload
    const attempt = isOwn ? this.#attempt : { ...this.#attempt, start: undefined }
    const life = this.#log.welcomed(welcome, attempt, (seq) =>
      link.send({ type: 'ack', payload: { seq } }),
    )
    if (isOwn) this.#refresh.opened(tokenExpiresAt, serverTime)
    this.#count(welcome.payload)
    this.#tell({ state: 'open', phase: 'replaying', user, device })
    const perSecond = this.#connector.isOwn ? OWN_COMMANDS : SHARED_COMMANDS
    this.#commands.opened(life, latest, perSecond, (command) => link.send(command))
  }

  #hear(frame: Frame): void {
    // Counts first: a handler that looks at them sees those that its notification came with.
    switch (frame.type) {
      case 'gap':
        return this.#log.gap(frame)
      case 'notification':
        this.#count(frame.payload)
        return this.#log.notification(frame)
      case 'updated':
        this.#count(frame.payload)
        return this.#log.updated(frame)
      case 'removed':
        this.#count(frame.payload)
        return this.#log.removed(frame)
      case 'counts':
        return this.#count(frame.payload)
      case 'caught_up':
        this.#log.caughtUp(frame)
        if (this.#status.state === 'open') this.#tell({ ...this.#status, phase: 'live' })
        return this.#count(frame.payload)
      case 'ephemeral':
        return this.#emitter.emit('ephemeral', frame.payload)
      case 'reply':
        return this.#commands.reply(frame)
      case 'error':
        if (!this.#commands.fail(frame)) {
          const { code, detail, retryable } = frame.payload
          this.#emitter.emit('error', new InboxError(code, detail, { retryable }))
        }
        return
      case 'token_expiring':
        return this.#refresh.expiring()
      case 'draining':
        return this.#log.draining()
      // The connector has looked at them, or there is nothing to do.
      case 'welcome':
      case 'pong':
    }
  }

  #disconnected(): void {
    this.#log.disconnected()
    this.#commands.disconnected()
    this.#refresh.closed()
  }

  #tell(status: Status): void {
    this.#status = status
    if (status.state === 'closed') {
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

  #count({ unread, unseen }: { unread?: number | undefined; unseen?: number | undefined }): void {
    if (unread === undefined || unseen === undefined) return
    if (this.#counts?.unread === unread && this.#counts.unseen === unseen) return
    this.#counts = { unread, unseen }
    this.#emitter.emit('counts', this.#counts)
  }
}
