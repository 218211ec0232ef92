import type { Environment } from './environment.js'
import { within } from './within.js'

const ANSWER_WITHIN_MS = 20_000

/** The token to ask with, which may have to be asked for itself. */
export type AskedToken = () => string | undefined | Promise<string>

/** Asks the service over HTTP. @throws Error where no JSON comes, or not in time, or where it is of no use any more */
export function ask(
  environment: Environment,
  url: URL,
  token: AskedToken,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const answer = async (): Promise<{ status: number; body: unknown }> =>
    environment.getJson(url, (await token()) ?? '', signal)
  return within(environment, ANSWER_WITHIN_MS, answer, signal)
}
