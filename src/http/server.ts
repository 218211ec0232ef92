import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { createSecureContext } from 'node:tls'

/** Where a certificate, with its chain, and its key lie: PEM. */
export interface TlsFiles {
  certFile: string
  keyFile: string
}

export interface OpenedServer {
  server: Server | TlsServer
  scheme: 'http' | 'https'
  /**
   * Takes a certificate that was renewed, for connections that come from now on.
   * @throws Error where the files are no pair; the former ones stay
   */
  reload: () => void
  /** When the certificate that it shows ends, in milliseconds since 1970; undefined without one. */
  certificateEndsAt: () => number | undefined
}

/** How long a connection may take over what it is to do; all in milliseconds. */
export interface ServerTimes {
  /** For a TLS handshake. */
  handshakeMs: number
  /** For the head of a request, from the connection's first moment, of a later one from its first byte. */
  headersMs: number
  /** For a whole request. */
  requestMs: number
  /** Between two requests. */
  keepAliveMs: number
  /** In which nothing moves either way: a caller that reads none of its answer. */
  silenceMs: number
  /** Between two looks at who took too long over a request. */
  lookMs: number
}

const TIMES: ServerTimes = {
  handshakeMs: 10_000, // 10 seconds
  headersMs: 10_000, // 10 seconds
  requestMs: 60_000, // 1 minute
  // Longer than the minute for which proxies keep a connection: one that they use shall not end under them.
  keepAliveMs: 65_000,
  silenceMs: 120_000, // 2 minutes
  lookMs: 1_000, // 1 second
}

export interface ServerOptions {
  tls: TlsFiles | undefined
  /** Default: 10 s for a handshake and for a head, a minute for a request, 65 s between two, 2 min of silence. */
  times?: Partial<ServerTimes> | undefined
  /** TCP connections at once, whatever they do: one more is dropped. Any number where undefined. */
  maxConnections?: number | undefined
}

/**
 * A server that does not listen yet, over TLS where there is a certificate.
 * @throws Error where the files can't be read or are no pair
 */
export function openServer({ tls, times, maxConnections }: ServerOptions): OpenedServer {
  const { handshakeMs, headersMs, requestMs, keepAliveMs, silenceMs, lookMs } = {
    ...TIMES,
    ...times,
  }
  const options = {
    // A request without a host is answered by us, not by Node without a body.
    requireHostHeader: false,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: lookMs,
  }
  let pair = tls && readPair(tls)
  const server = pair
    ? createTlsServer({ ...options, ...pair, handshakeTimeout: handshakeMs })
    : createServer(options)
  // Node passes over what comes after the 1,000th in silence: a length, a second host, an origin. Bytes bound them (16 KiB).
  server.maxHeadersCount = 0
  // A WebSocket has times of its own: ws takes this one away.
  server.timeout = silenceMs
  if (maxConnections !== undefined) server.maxConnections = maxConnections
  return {
    server,
    scheme: tls ? 'https' : 'http',
    reload: () => {
      if (!tls || !(server instanceof TlsServer)) return
      pair = readPair(tls)
      server.setSecureContext(pair)
    },
    certificateEndsAt: () => pair && endOf(pair.cert),
  }
}

/**
 * A certificate and its key, which fit.
 * @throws Error where they don't, or can't be read
 */
export function readPair({ certFile, keyFile }: TlsFiles): { cert: Buffer; key: Buffer } {
  try {
    const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
    createSecureContext(pair)
    return pair
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`TLS_CERT and TLS_KEY: ${reason}`, { cause: error })
  }
}

/** When a certificate ends, in milliseconds since 1970. */
function endOf(certificate: Buffer): number {
  return Date.parse(new X509Certificate(certificate).validTo)
}
