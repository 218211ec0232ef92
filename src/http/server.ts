import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
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
}

// A request without a host is answered by us, not by Node without a body.
const OPTIONS = { requireHostHeader: false }

/**
 * A server that does not listen yet, over TLS where there is a certificate.
 * @throws Error where the files can't be read or are no pair
 */
export function openServer(tls: TlsFiles | undefined): OpenedServer {
  if (!tls) return { server: createServer(OPTIONS), scheme: 'http', reload: () => undefined }
  const server = createTlsServer({ ...OPTIONS, ...readPair(tls) })
  return { server, scheme: 'https', reload: () => server.setSecureContext(readPair(tls)) }
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
