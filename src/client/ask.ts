import type { Environment } from './environment.js'
import { within } from './within.js'

const ANSWER_WITHIN_MS = 20_000

/** Asks the service over HTTP. @throws Error where no JSON comes, or not in time, or where it is of no use any more */
export function ask(
  environment: Environment,
  url: URL,
  token: string | undefined,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const answer = (): Promise<{ status: number; body: unknown }> =>
    environment.getJson(url, token ?? '', signal)
  return within(environment, ANSWER_WITHIN_MS, answer, signal)
}
