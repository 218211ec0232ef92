import { ConsoleToken, type ConsoleTokenRequest } from '../../src/protocol/console.js'
import { SendReceipt } from '../../src/protocol/send.js'
import type { Api } from '../harness.js'

/** Of a service: no keys are configured. */
export const IN_DEVELOPMENT = { environment: { JWT_SECRET: '' } }

/** What the page asks for a token in development, asked without it. */
export async function mint(api: Api, body: ConsoleTokenRequest): Promise<string> {
  const origin = new URL(api.url).origin
  const headers = { origin, 'content-type': 'application/json' }
  const response = await api.request('/console/tokens', { method: 'POST', body, headers })
  return ConsoleToken.parse(await response.json()).token
}

/** Sends so many, one after the other, titled by their number. */
export async function sendMany(
  api: Api,
  { token, user, count, from = 1 }: { token: string; user: string; count: number; from?: number },
): Promise<void> {
  for (let number = from; number < from + count; number++) {
    const body = { to: { user }, type: 'test', title: `number ${number}` }
    const response = await api.post(body, { token })
    SendReceipt.parse(await response.json())
  }
}

/** The titles that `sendMany` gives. */
export function numbers(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `number ${from + index}`)
}
