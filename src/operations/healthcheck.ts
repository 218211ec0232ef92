import { get } from 'node:http'
import { get as getOverTls } from 'node:https'

/**
 * Asks the service beside it, by the same settings, whether it lives: exit code 0 where it answers, else 1 with the reason.
 * A container's health check runs it, in an image without curl.
 */
function checkHealth({ HOST, PORT, TLS_CERT }: NodeJS.ProcessEnv): void {
  const where = { host: reachable(HOST), port: PORT || 8080, path: '/healthz' }
  const request = TLS_CERT
    ? // The certificate is for the public name; until when it is good, `posthorn check` tells.
      getOverTls({ ...where, rejectUnauthorized: false })
    : get(where)
  request.setTimeout(4_000, () => request.destroy(new Error('no answer within 4 seconds')))
  request.on('error', ({ message }) => complain(message))
  request.on('response', (response) => {
    response.resume()
    if (response.statusCode !== 200) complain(`it answers ${response.statusCode}`)
  })
}

/** Where a service that listens on `host` can be reached from its own machine. */
function reachable(host: string | undefined): string {
  if (!host || host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host.replace(/^\[(.*)\]$/, '$1')
}

function complain(reason: string): void {
  process.exitCode = 1
  console.error(`not healthy: ${reason}`)
}

checkHealth(process.env)
