import { createClient, type PosthornClient } from '../../src/server-client/client.js'
import { PosthornClientError } from '../../src/server-client/errors.js'
import type { ClientOptions } from '../../src/server-client/options.js'
import { FakeTime } from './fake-time.js'
import { ScriptedServer, type Step } from './scripted-server.js'

export const TOKEN = 'a.token.of-the-shop'
export const SENDING = { to: { user: 'alice' }, type: 'order.shipped', title: 'Shipped' }

/** A client of a server that follows a script, in a time of its own. */
export interface Scripted {
  server: ScriptedServer
  client: PosthornClient
  time: FakeTime
  [Symbol.asyncDispose]: () => Promise<void>
}

export async function clientOf(
  steps: Step[],
  options: Partial<ClientOptions> = {},
  time = new FakeTime(),
): Promise<Scripted> {
  const server = await ScriptedServer.start(...steps)
  const client = createClient({ url: server.url, token: TOKEN, ...options }, time.environment)
  return { server, client, time, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** The error with which a call fails; fails where it doesn't, or with another kind. */
export async function errorOf(call: Promise<unknown>): Promise<PosthornClientError> {
  try {
    await call
  } catch (error) {
    if (error instanceof PosthornClientError) return error
    throw error
  }
  throw new Error('the call went well')
}
