/**
 * What a session needs of a socket: `ws` gives it in the service, an in-memory pair in tests. What the socket hears it
 * tells the session by calling `receive`, `receiveBinary`, `heard`, `drained` and `closed`.
 */
export interface SocketLike {
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly bufferedAmount: number
  /** Sends a text, which may come as its bytes in UTF-8; they must not change any more. */
  sendText(text: string | Uint8Array): void
  /** Keeps back what is sent from now on, so that it goes out together: see `flush`. */
  hold(): void
  /** Lets what was kept back go out; idempotent, and part of `close`. */
  flush(): void
  /** A protocol ping (RFC 6455 §5.5.2). */
  ping(): void
  /** Says goodbye; the socket ends by itself, also where the peer never answers. */
  close(code: number, reason: string): void
}
