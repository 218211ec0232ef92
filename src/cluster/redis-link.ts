import { createClient, createCluster } from '@redis/client'

/** How soon a node of a cluster is tried again, in milliseconds: no later, as the client waits for it even when it is closed. */
const reconnectStrategy = (retries: number): number => Math.min(500, 100 * 2 ** retries)

export interface LinkOptions extends LinkEvents {
  url: string
  /** How long a connection may take, an answer, and the time between two questions whether it lives, in milliseconds. */
  patienceMs: number
}

interface LinkEvents {
  message: (name: string, text: string) => void
  /** A part of it is broken, and is being mended. */
  interrupted: (error: unknown) => void
  /** That part is whole again. */
  resumed: () => void
  /** It is of no use any more. */
  broken: (error: unknown) => void
}

/** Connections to a server, or a cluster of them, for as long as they hold. */
export interface RedisLink {
  publish: (name: string, text: string) => Promise<unknown>
  /** Resolves when what is published from then on is heard. */
  subscribe: (name: string) => Promise<unknown>
  unsubscribe: (name: string) => Promise<unknown>
  /** Ends it at once; idempotent. */
  close: () => void
}

/**
 * Connects to Redis or Valkey. Where the server belongs to a cluster, channels are sharded over its nodes (SSUBSCRIBE, SPUBLISH:
 * Redis 7): otherwise each text would go to every node of it.
 * @throws Error where it can't be reached; nothing is left open then
 */
export async function openLink(options: LinkOptions): Promise<RedisLink> {
  const single = await connect(options)
  try {
    if (await isClustered(single, options)) {
      single.destroy()
      return await openCluster(options)
    }
    return await openSingle(single, options)
  } catch (error) {
    single.destroy()
    throw error
  }
}

/**
 * Looks whether a server can be reached, and changes nothing.
 * @throws Error that says why not, without the URL
 */
export async function reachRedis(url: string, patienceMs = 5_000): Promise<void> {
  const events = { message: ignore, interrupted: ignore, resumed: ignore, broken: ignore }
  const client = await connect({ url, patienceMs, ...events })
  try {
    await answered(client.ping(), patienceMs)
  } finally {
    client.destroy()
  }
}

// What fails is told by the call that fails.
const ignore = (): void => undefined

type Client = Awaited<ReturnType<typeof connect>>

/** A connection that is not made again: whoever has it makes another. */
async function connect({ url, patienceMs, broken }: LinkOptions) {
  const client = createClient({
    url,
    name: 'posthorn',
    disableOfflineQueue: true,
    socket: { connectTimeout: patienceMs, reconnectStrategy: false },
  })
  client.on('error', broken)
  try {
    await client.connect()
  } catch (error) {
    client.destroy()
    throw error
  }
  return client
}

async function isClustered(client: Client, { patienceMs }: LinkOptions): Promise<boolean> {
  // Who may not ask for this is taken to be no part of a cluster.
  const info = await answered(client.info('cluster'), patienceMs).catch(() => '')
  return info.includes('cluster_enabled:1')
}

async function openSingle(speaker: Client, options: LinkOptions): Promise<RedisLink> {
  const { patienceMs, message, broken } = options
  const listener = await connect(options)
  const ping = setInterval(() => {
    Promise.all([
      answered(speaker.ping(), patienceMs),
      answered(listener.ping(), patienceMs),
    ]).catch(broken)
  }, patienceMs)
  const hear = (text: string, name: string): void => message(name, text)
  return {
    publish: (name, text) => speaker.publish(name, text),
    subscribe: (name) => answered(listener.subscribe(name, hear), patienceMs),
    unsubscribe: (name) => answered(listener.unsubscribe(name, hear), patienceMs),
    close: () => {
      clearInterval(ping)
      speaker.destroy()
      listener.destroy()
    },
  }
}

/** Its own client makes the connections to its nodes again, and follows channels that move. */
async function openCluster(options: LinkOptions): Promise<RedisLink> {
  const { url, patienceMs, message, interrupted, resumed } = options
  const { protocol, username, password } = new URL(url)
  const cluster = createCluster({
    rootNodes: [{ url }],
    defaults: {
      name: 'posthorn',
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      disableOfflineQueue: true,
      pingInterval: patienceMs,
      socket: {
        connectTimeout: patienceMs,
        reconnectStrategy,
        ...(protocol === 'rediss:' && { tls: true as const }),
      },
    },
  })
  cluster.on('error', () => undefined)
  cluster.on('node-error', interrupted)
  cluster.on('node-ready', resumed)
  try {
    await cluster.connect()
  } catch (error) {
    cluster.destroy()
    throw error
  }
  const hear = (text: string, name: string): void => message(name, text)
  return {
    publish: (name, text) => cluster.sPublish(name, text),
    subscribe: (name) => answered(cluster.sSubscribe(name, hear), patienceMs),
    unsubscribe: (name) => answered(cluster.sUnsubscribe(name, hear), patienceMs),
    close: () => cluster.destroy(),
  }
}

/** Fails where the answer takes too long. */
function answered<Value>(answer: Promise<Value>, patienceMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the bus does not answer')), patienceMs)
    answer.then(resolve, reject).finally(() => clearTimeout(late))
  })
}
