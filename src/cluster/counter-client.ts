import { createClient } from '@redis/client'

/** How soon a connection that was lost is made again, in milliseconds: no later, as the client waits for it even when it is closed. */
const reconnectStrategy = (retries: number): number => Math.min(500, 100 * 2 ** retries)

/** How long a connection may take, in milliseconds. */
const CONNECT_MS = 5_000

/** A client over which requests are counted, and whoever has opened it closes it. */
export interface CounterClient {
  client: object
  /** Idempotent. */
  close: () => void
}

/**
 * Connects to Redis or Valkey, and again whenever that ends; nothing waits for it. `report` is told of what went wrong, once while it
 * lasts.
 */
export function openCounterClient(url: string, report: (error: unknown) => void): CounterClient {
  const client = createClient({
    url,
    name: 'posthorn-counters',
    // While it is away whoever asks is told so at once, and nothing piles up.
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy },
  })
  let isFailing = false
  client.on('ready', () => (isFailing = false))
  client.on('error', (error: unknown) => {
    if (!isFailing) report(error)
    isFailing = true
  })
  // What keeps it from connecting is told by `error`.
  client.connect().catch(() => undefined)
  return { client, close: () => (client.isOpen ? client.destroy() : undefined) }
}
