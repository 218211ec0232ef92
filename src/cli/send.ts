import { parseArgs } from 'node:util'
import { readConfig } from '../config.js'
import { createClient } from '../server-client/client.js'
import {
  PosthornApiError,
  PosthornClientError,
  PosthornNetworkError,
} from '../server-client/errors.js'
import type { Sending } from '../server-client/notifications.js'
import { CommandError, parseOptions, required, serviceUrl, type Command } from './command.js'
import { mint } from './mint.js'

const USAGE =
  'send --user ID --type T [--title …] [--body …] [--data JSON] [--token JWT] [--url URL]'

/** Sends one notification and prints the service's answer. */
export const sendCommand: Command = {
  name: 'send',
  usage: USAGE,
  async run(words) {
    const options = parseOptions(USAGE, () =>
      parseArgs({
        args: words,
        options: {
          user: { type: 'string' },
          type: { type: 'string' },
          title: { type: 'string' },
          body: { type: 'string' },
          data: { type: 'string' },
          token: { type: 'string' },
          url: { type: 'string' },
        },
      }),
    )
    const { title, body, data } = options
    const notification = {
      to: { user: required(options.user, '--user', USAGE) },
      type: required(options.type, '--type', USAGE),
      ...(title !== undefined && { title }),
      ...(body !== undefined && { body }),
      ...(data !== undefined && { data: parseData(data) }),
    }
    const url = serviceUrl(options.url)
    const token = options.token ?? (await serviceToken())
    console.log(await send(url, token, notification))
  },
}

/** A token for this one call, by the secret that this machine shares with the service. */
function serviceToken(): Promise<string> {
  return mint(readConfig(process.env), {
    grant: 'service',
    name: 'posthorn-cli',
    claims: { scope: 'posthorn:send' },
    ttlSeconds: 60,
  })
}

/** The service's answer to a send, as JSON. */
async function send(url: URL, token: string, notification: Sending): Promise<string> {
  try {
    const client = createClient({ url, token, maxAttempts: 3 })
    const {
      replayed: _replayed,
      idempotencyKey: _key,
      ...receipt
    } = await client.send(notification)
    return JSON.stringify(receipt)
  } catch (error) {
    if (!(error instanceof PosthornClientError)) throw error
    throw new CommandError(explain(error, url), { cause: error })
  }
}

/** What the person at the terminal reads of an error. */
function explain(error: PosthornClientError, url: URL): string {
  if (error instanceof PosthornNetworkError) return `no service answers at ${url.origin}`
  if (!(error instanceof PosthornApiError)) return error.message
  const violations = error.errors.map(({ pointer, detail }) => `\n${pointer}: ${detail}`)
  return `${error.message}${violations.join('')}\nrequest ${error.requestId}`
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CommandError('--data takes JSON', { cause: error })
  }
}
