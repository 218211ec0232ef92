import { DeviceId } from '../protocol/identifiers.js'
import { BEARER_SUBPROTOCOL_PREFIX } from '../protocol/version.js'
import { open } from './core.js'
import type {
  ClientSocket,
  ClientStorage,
  Environment,
  SocketEvents,
  SocketRequest,
} from './environment.js'
import type { Inbox } from './inbox.js'
import type { ConnectOptions } from './options.js'
import type { Keeper } from './position.js'
import { system } from './system.js'
import { alone, tabs } from './tabs.js'

export * from './public.js'

// What of the browser is used here and Node's types don't have.
interface Target {
  addEventListener(name: string, listener: () => void): void
  removeEventListener(name: string, listener: () => void): void
}
/** The page, or a worker, which has no document. */
declare const self: Target
declare const document: (Target & { visibilityState: string }) | undefined
declare const localStorage: {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export interface BrowserConnectOptions extends Omit<ConnectOptions, 'device' | 'storage'> {
  /** Default: made once and kept in the storage. */
  device?: string | undefined
  /** Default: `localStorage`. */
  storage?: ClientStorage | undefined
  /**
   * Whether tabs of the same user share one connection, as one device. Default true; where the browser gives no locks (an insecure
   * context) each has its own.
   */
  share?: boolean | undefined
}

/**
 * Opens a user's inbox in this browser. It connects, and stays connected, until `close()`; handlers belong on it at once.
 * @throws TypeError where an option is none
 */
export function connect(options: BrowserConnectOptions): Inbox {
  const { device, storage = pageStorage, share = true, ...rest } = options
  let made: Promise<string> | undefined
  const keepDevice = (keeper: Keeper): Promise<string> =>
    (made ??= alone(DEVICE_KEY, () => deviceOf(keeper)))
  return open(
    { ...rest, storage, device: device === undefined ? keepDevice : () => device },
    { ...environment, peers: share ? tabs() : undefined },
  )
}

// Asked late: a browser that allows a page no storage throws when it is named.
const pageStorage: ClientStorage = {
  get: (key) => localStorage.getItem(key),
  set: (key, value) => localStorage.setItem(key, value),
}

const DEVICE_KEY = 'posthorn:device'

async function deviceOf(keeper: Keeper): Promise<string> {
  const kept = DeviceId.safeParse(await keeper.read(DEVICE_KEY))
  if (kept.success) return kept.data
  const device = `web-${system.randomName()}`
  await keeper.write(DEVICE_KEY, device)
  return device
}

const environment: Environment = {
  ...system,
  openSocket,
  onWake(call) {
    const page = typeof document === 'undefined' ? undefined : document
    const seen = (): void => {
      if (page?.visibilityState === 'visible') call()
    }
    self.addEventListener('online', call)
    page?.addEventListener('visibilitychange', seen)
    return () => {
      self.removeEventListener('online', call)
      page?.removeEventListener('visibilitychange', seen)
    }
  },
}

/** A page can't set headers: the token goes as a subprotocol, which the service does not send back. */
function openSocket(
  { url, subprotocol, token }: SocketRequest,
  events: SocketEvents,
): ClientSocket {
  const socket = new WebSocket(url, [subprotocol, `${BEARER_SUBPROTOCOL_PREFIX}${token}`])
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (typeof data === 'string') events.received(data)
  })
  socket.addEventListener('close', ({ code, reason }) => events.closed(code, reason))
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    abandon: () => socket.close(),
  }
}
