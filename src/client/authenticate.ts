import * as z from 'zod/mini'
import { Timestamp } from '../protocol/identifiers.js'
import type { Commands } from './commands.js'
import { InboxError } from './errors.js'

const TokenResult = z.object({ tokenExpiresAt: Timestamp })

/**
 * Sends a fresh token on the open connection; resolves with its end, as the service tells it.
 * @throws InboxError which `report` has heard of, unless the connection is gone: that its status tells
 */
export async function authenticate(
  token: string,
  {
    commands,
    deadlineMs,
    report,
  }: { commands: Commands; deadlineMs: number; report: (error: InboxError) => void },
): Promise<string> {
  try {
    const { tokenExpiresAt } = await commands.send({
      command: { type: 'authenticate', payload: { token } },
      result: TokenResult,
      deadlineMs,
      once: true,
    })
    return tokenExpiresAt
  } catch (error) {
    if (error instanceof InboxError && error.code !== 'closed') report(error)
    throw error
  }
}
