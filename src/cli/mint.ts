import { mint as sign, MintError, type Mintable } from '../auth/mint.js'
import type { Config } from '../config.js'
import { CommandError } from './command.js'

/**
 * Signs a token with a secret of the service, as its issuer would.
 * @throws CommandError where no issuer whose secret is known here may speak for such a one
 */
export async function mint({ issuers }: Config, mintable: Mintable): Promise<string> {
  try {
    return (await sign(issuers, mintable, Date.now())).token
  } catch (error) {
    if (error instanceof MintError) throw new CommandError(error.message, { cause: error })
    throw error
  }
}

const UNIT_SECONDS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])

/**
 * A duration such as `90s`, `15m`, `1h` or `7d`, in seconds.
 * @throws CommandError where it is none
 */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? []
  const unitSeconds = UNIT_SECONDS.get(unit)
  if (count === undefined || unitSeconds === undefined) {
    throw new CommandError('--ttl takes a number and a unit: 90s, 15m, 1h, 7d')
  }
  return Number(count) * unitSeconds
}
