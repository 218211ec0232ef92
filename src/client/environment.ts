import type { Peers } from './peers.js'

/**
 * What the core needs of the world around it: the two entries give it from a browser and from Node, tests from a world
 * whose time they move themselves.
 */
export interface Environment {
  /** The wall clock, in milliseconds since 1970: it goes on while the machine sleeps, which timers may not. */
  now(): number
  /** Calls once, after so many milliseconds at least; gives what cancels it. */
  after(milliseconds: number, call: () => void): () => void
  /** A number from 0 up to but not including 1. */
  random(): number
  /** A name that nobody else draws, of `A-Za-z0-9-`. */
  randomName(): string
  openSocket(request: SocketRequest, events: SocketEvents): ClientSocket
  /** Asks over HTTP, with the token as a bearer (RFC 6750 §2.1); rejects where no JSON comes. */
  getJson(url: URL, token: string, signal: AbortSignal): Promise<{ status: number; body: unknown }>
  /** Calls whenever it may be worth while to look at the connection at once; gives what ends that. */
  onWake(call: () => void): () => void
  /** Other tabs, with whom a connection can be shared; undefined where there are none. */
  peers?: Peers | undefined
}

export interface SocketRequest {
  url: URL
  subprotocol: string
  /** Goes in the header or in a subprotocol entry; never in the URL, which proxies write to their logs. */
  token: string
}

/** What a socket tells; nothing comes after `closed`. */
export interface SocketEvents {
  received(text: string): void
  /** 1006 where no close frame came (RFC 6455 §7.1.5), also where the socket never opened. */
  closed(code: number, reason: string): void
}

/** One socket; before it is open nothing is sent on it. */
export interface ClientSocket {
  send(text: string): void
  /** Says goodbye, and waits for the other side to. */
  close(code: number, reason: string): void
  /** Lets go of a socket of which nothing more is wanted, at once. */
  abandon(): void
}

/** Where the position, and in browsers the device's name, outlive the process: a `localStorage`, say. */
export interface ClientStorage {
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  set(key: string, value: string): void | Promise<void>
}
