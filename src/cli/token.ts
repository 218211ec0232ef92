import { parseArgs } from 'node:util'
import { SCOPES } from '../auth/principal.js'
import { isTopicPattern } from '../auth/topics.js'
import { readConfig } from '../config.js'
import { UserId } from '../protocol/identifiers.js'
import { CommandError, deviceName, parseOptions, required, type Command } from './command.js'
import { mint, parseDuration } from './mint.js'

const USAGE = 'token --user ID [--device D] [--topics P] | --service NAME --scope "…"  [--ttl 1h]'

/** Prints a token, and nothing else, so that a shell can take it. */
export const tokenCommand: Command = {
  name: 'token',
  usage: USAGE,
  async run(words) {
    const options = parseOptions(USAGE, () =>
      parseArgs({
        args: words,
        options: {
          user: { type: 'string' },
          device: { type: 'string' },
          topics: { type: 'string' },
          service: { type: 'string' },
          scope: { type: 'string' },
          ttl: { type: 'string', default: '1h' },
        },
      }),
    )
    const { user, service } = options
    if ((user === undefined) === (service === undefined)) {
      throw new CommandError(`name a --user or a --service\nusage: posthorn ${USAGE}`)
    }
    const ttlSeconds = parseDuration(options.ttl)
    const claims = user === undefined ? serviceClaims(options) : userClaims(options)
    const name = user === undefined ? service : checkUser(user)
    console.log(
      await mint(readConfig(process.env), {
        grant: user === undefined ? 'service' : 'user',
        name: required(name, '--service', USAGE),
        claims,
        ttlSeconds,
      }),
    )
  },
}

interface Options {
  device?: string
  topics?: string
  scope?: string
}

function userClaims({ device, topics, scope }: Options): Record<string, unknown> {
  if (scope !== undefined) throw new CommandError('--scope goes with --service')
  const patterns = topics?.split(/[\s,]+/).filter(Boolean)
  if (patterns && !patterns.every(isTopicPattern)) {
    throw new CommandError(
      '--topics takes topics, of A-Z a-z 0-9 . _ : / -, in which `*` is one segment between dots',
    )
  }
  return {
    ...(device !== undefined && { device: deviceName(device) }),
    ...(patterns && { topics: patterns }),
  }
}

function serviceClaims({ device, topics, scope = '' }: Options): Record<string, unknown> {
  if (device !== undefined || topics !== undefined) {
    throw new CommandError('--device and --topics go with --user')
  }
  const words = scope.split(/\s+/).filter(Boolean)
  const unknown = words.filter((word) => !SCOPES.some((known) => known === word))
  if (words.length === 0 || unknown.length > 0) {
    throw new CommandError(`--scope takes one or more of: ${SCOPES.join(' ')}`)
  }
  return { scope: words.join(' ') }
}

/** @throws CommandError where the text is no user */
function checkUser(user: string): string {
  if (!UserId.safeParse(user).success) {
    throw new CommandError('--user takes 1–255 characters, none of them a control character')
  }
  return user
}
