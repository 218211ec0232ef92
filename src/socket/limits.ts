/** Bounds of a connection that the contract sets; tests may narrow them. */
export interface SocketLimits {
  /** Milliseconds until a first message must have brought a token. */
  authenticationMs: number
  /** Milliseconds without a sign of life after a ping. */
  pongMs: number
  /** Milliseconds for which the window may stay full. */
  windowFullMs: number
  /** Above this many buffered bytes no entry is handed to the socket. */
  highWaterBytes: number
  /** Above this many buffered bytes the connection is closed. */
  maxBufferBytes: number
  /** Milliseconds between looks at the store for what no wake told of. */
  lookMs: number
  /** Connections whose user is not known yet: of one more, the oldest goes. */
  maxUnauthenticated: number
  /** The same, of one address. */
  maxUnauthenticatedPerAddress: number
  /** Milliseconds from `draining` to the close, in which a client acknowledges what it has; and from one slice to the next. */
  drainSliceMs: number
}

export const SOCKET_LIMITS: SocketLimits = {
  authenticationMs: 5_000, // 5 seconds
  pongMs: 10_000, // 10 seconds
  windowFullMs: 60_000, // 1 minute
  highWaterBytes: 256 * 1024, // 256 KiB
  maxBufferBytes: 1024 * 1024, // 1 MiB
  lookMs: 30_000, // 30 seconds
  maxUnauthenticated: 1_000,
  maxUnauthenticatedPerAddress: 100,
  drainSliceMs: 50,
}

/** Largest frame of a client: 16 KiB. */
export const MAX_FRAME_BYTES = 16 * 1024

/** Messages within a minute that may be not understood: one more closes the connection. */
export const BAD_MESSAGES = { max: 9, milliseconds: 60_000 }

/** Commands within a second, acknowledgements apart: one more is refused. */
export const COMMANDS = { max: 50, milliseconds: 1_000 }

/** Commands within a minute that may be refused as too many: one more closes the connection. */
export const REFUSED_COMMANDS = { max: 50, milliseconds: 60_000 }

/** Acknowledgements of one connection that may wait for the disk with a reply due. */
export const MAX_WAITING_ACKS = 1_000

/** Messages that may come while the connection is being opened. */
export const MAX_WAITING_MESSAGES = 64

/** How long before its end a token is announced to expire, in milliseconds: 1 minute. */
export const TOKEN_EXPIRING_MS = 60_000
