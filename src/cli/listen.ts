import { parseArgs } from 'node:util'
import { connect, type ClientStorage, type Inbox, type Status } from '../client/node.js'
import { tokenOf } from '../client/token-shape.js'
import { readConfig } from '../config.js'
import { Down } from '../protocol/down/index.js'
import {
  CommandError,
  deviceName,
  parseOptions,
  required,
  serviceUrl,
  type Command,
} from './command.js'
import { mint } from './mint.js'
import { Output } from './output.js'
import { ofEphemeral, ofNotification, ofRemoved, ofUpdated, ofWaiting } from './words.js'

const USAGE = 'listen --user ID [--device D] [--json] [--token JWT] [--url URL]'

/**
 * Prints a user's notifications as they come, acknowledges what it has printed, and comes back when the connection is lost, until
 * it is interrupted. Where it stands is known to the service alone: the next `listen` of this device goes on after what this one printed.
 */
export const listenCommand: Command = {
  name: 'listen',
  usage: USAGE,
  async run(words) {
    const options = parseOptions(USAGE, () =>
      parseArgs({
        args: words,
        options: {
          user: { type: 'string' },
          device: { type: 'string', default: 'terminal' },
          json: { type: 'boolean', default: false },
          token: { type: 'string' },
          url: { type: 'string' },
        },
      }),
    )
    const user = required(options.user, '--user', USAGE)
    const device = deviceName(options.device)
    const url = serviceUrl(options.url)
    const own = options.token === undefined ? undefined : givenToken(options.token)
    // Whoever can't mint hears of it now, rather than on each attempt.
    if (own === undefined) await userToken(user)
    const output = new Output(process.stdout)
    // Where nobody reads the complaints any more, there is nobody to tell.
    process.stderr.on('error', () => undefined)

    const token = (): string | Promise<string> => own ?? userToken(user)
    const inbox = connect({ url, token, device, storage: NO_STORAGE, maxItems: 0 })
    const end = Promise.race([
      interrupted(),
      output.failed.then(explainOutput),
      closedForGood(inbox),
      refused(inbox, own === undefined),
      anothers(inbox, user),
    ])
    tellConnection(inbox, url)
    if (options.json) printFrames(inbox, output)
    else printForPeople(inbox, output, own !== undefined)
    const error = await end
    await inbox.close()
    if (error) throw error
  },
}

/** What is acknowledged is kept by the service. */
const NO_STORAGE: ClientStorage = { get: () => undefined, set: () => undefined }

/** @throws CommandError where the text is no token: each attempt would fail on it */
function givenToken(text: string): string {
  try {
    return tokenOf(text)
  } catch (cause) {
    throw new CommandError('--token takes a JWT, and nothing around it', { cause })
  }
}

/** A token for one connection, by the secret that this machine shares with the service. */
function userToken(user: string): Promise<string> {
  return mint(readConfig(process.env), {
    grant: 'user',
    name: user,
    claims: {},
    ttlSeconds: 60 * 60,
  })
}

/** Each frame that came, one a line. */
function printFrames(inbox: Inbox, output: Output): void {
  inbox.on('frame', ({ direction, text }) => {
    if (direction === 'received') for (const frame of framesOf(text)) output.line(frame)
  })
  // A frame is printed before its handlers are called: they acknowledge it when it is written.
  const written = (): Promise<void> => output.written()
  inbox.on('notification', written)
  inbox.on('updated', written)
  inbox.on('removed', written)
  inbox.on('gap', written)
}

/** A text is a frame, or an array of them. */
function framesOf(text: string): string[] {
  const frames = parse(text)
  return Array.isArray(frames) ? frames.map((frame) => JSON.stringify(frame)) : [text]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function printForPeople(inbox: Inbox, output: Output, tellsTokenEnd: boolean): void {
  const print = (line: string): Promise<void> => {
    output.line(line)
    return output.written()
  }
  inbox.on('notification', (event) => print(ofNotification(event)))
  inbox.on('updated', (event) => print(ofUpdated(event)))
  inbox.on('removed', (event) => print(ofRemoved(event)))
  inbox.on('gap', () => print('the log has changed: older notifications may be missing'))
  inbox.on('ephemeral', ({ notification }) => output.line(ofEphemeral(notification)))
  inbox.on('status', async (status) => {
    if (status.state !== 'open') return
    const { phase, user, device } = status
    switch (phase) {
      case 'replaying': {
        const unread = inbox.counts?.unread ?? 0
        return output.line(`connected as ${user} on ${device}, ${unread} unread`)
      }
      case 'live':
        // What was missed is known now, and printed one after the other.
        await output.settled()
        return output.line('up to date; waiting for more')
    }
  })
  inbox.on('frame', ({ direction, text }) => {
    if (direction === 'sent') return
    for (const frame of framesOf(text)) {
      const message = Down.safeParse(parse(frame)).data
      // Counts that changed by an entry are not worth a line.
      if (message?.type === 'counts') output.line(`${message.payload.unread} unread`)
      if (message?.type === 'token_expiring' && tellsTokenEnd) {
        console.error(`the token expires at ${message.payload.expiresAt}`)
      }
    }
  })
}

/** Errors, lost connections and waits, on standard error. */
function tellConnection(inbox: Inbox, url: URL): void {
  let wasOpen = false
  inbox.on('status', (status) => {
    if (status.state === 'waiting' && !isRefused(status)) {
      console.error(ofWaiting(status, { wasOpen, url }))
    }
    if (status.state !== 'connecting') wasOpen = status.state === 'open'
  })
  inbox.on('error', ({ code, message, cause }) => {
    // Of both there is more to say when this ends: the service has closed it, or no line can be written.
    if (inbox.status.state === 'closed' || code === 'handler_failed') return
    console.error(`${code}: ${cause instanceof Error ? cause.message : message}`)
  })
}

function interrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(undefined))
    process.once('SIGTERM', () => resolve(undefined))
  })
}

/** Whoever has read enough, as `head` does, ends this as an interrupt would. */
function explainOutput(error: Error & { code?: string }): CommandError | undefined {
  if (error.code === 'EPIPE') return undefined
  return new CommandError(`standard output can't be written: ${error.message}`, { cause: error })
}

/** The service has closed with a code after which nobody comes back. */
function closedForGood(inbox: Inbox): Promise<CommandError> {
  return new Promise((resolve) => {
    inbox.on('status', (status) => {
      if (status.state !== 'closed' || status.why.by !== 'service') return
      const { code, reason } = status.why
      const said = `the service has closed the connection for good: ${code} ${reason}`
      resolve(new CommandError(said.trimEnd()))
    })
  })
}

/** A token of one's own is refused, or a fresh one twice in a row: no attempt after it would be better. */
function refused(inbox: Inbox, isMinted: boolean): Promise<CommandError> {
  let refusals = 0
  return new Promise((resolve) => {
    inbox.on('status', (status) => {
      if (status.state === 'open') refusals = 0
      if (status.state !== 'waiting' || !isRefused(status)) return
      refusals++
      if (isMinted && refusals < 2) return
      const why = status.why?.reason === 'token_expired' ? 'it has expired' : status.why?.reason
      const hint = isMinted ? '; it has another secret than the settings here name' : ''
      resolve(new CommandError(`the service refuses the token: ${why}${hint}`))
    })
  })
}

/** A token that was given is of somebody else: their notifications are not to be acknowledged here. */
function anothers(inbox: Inbox, user: string): Promise<CommandError> {
  return new Promise((resolve) => {
    inbox.on('status', (status) => {
      if (status.state !== 'open' || status.user === user) return
      // At once: what comes next is not even handed over.
      void inbox.close()
      resolve(new CommandError(`the token is of ${status.user}, not of ${user}`))
    })
  })
}

function isRefused({ why }: Extract<Status, { state: 'waiting' }>): boolean {
  return why?.code === 4401
}
