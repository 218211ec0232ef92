import { parseArgs } from 'node:util'
import { readConfig } from '../config.js'
import * as z from 'zod/mini'
import { CommandError, parseOptions, required, serviceUrl, type Command } from './command.js'
import { mint } from './mint.js'

const USAGE =
  'send --user ID --type T [--title …] [--body …] [--data JSON] [--token JWT] [--url URL]'

/** What is shown of an answer that is no success. */
const Refusal = z.object({ code: z.string(), detail: z.string() })

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
    console.log(await post(new URL('/v1/notifications', url), token, notification))
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

async function post(url: URL, token: string, body: unknown): Promise<string> {
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (error) {
    throw new CommandError(`no service answers at ${url.origin}`, { cause: error })
  }
  const text = await response.text()
  if (response.ok) return text
  throw new CommandError(explain(response.status, text))
}

function explain(status: number, text: string): string {
  try {
    const refusal = Refusal.safeParse(JSON.parse(text))
    if (refusal.success) return `${status} ${refusal.data.code}: ${refusal.data.detail}\n${text}`
  } catch {
    // Not ours: a proxy's page, say.
  }
  return `the service answered ${status}`
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CommandError('--data takes JSON', { cause: error })
  }
}
