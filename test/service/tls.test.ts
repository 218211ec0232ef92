import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../src/protocol/version.js'
import { startService, temporaryFolder, tokenFor } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'

const fileOf = (name: string): string => new URL(`../tls/${name}.pem`, import.meta.url).pathname
const CA = [readFileSync(fileOf('cert')), readFileSync(fileOf('next-cert'))]

/** A certificate and its key in a folder, as an operator has them. */
function pairIn(folder: string): Record<string, string> {
  const files = { TLS_CERT: join(folder, 'cert.pem'), TLS_KEY: join(folder, 'key.pem') }
  copyFileSync(fileOf('cert'), files.TLS_CERT)
  copyFileSync(fileOf('key'), files.TLS_KEY)
  return files
}

function statusOf(url: URL, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { ca: CA, headers, agent: false }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
      .once('error', reject)
      .end()
  })
}

/** The fingerprint of the certificate that is shown to whoever connects now. */
async function shown({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port), ca: CA })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

test('serves REST and sockets over TLS, and nothing without', async () => {
  using folder = temporaryFolder()
  const environment = pairIn(folder.path)
  await using service = await ServiceProcess.start(join(folder.path, 'p.db'), environment)
  const url = new URL(service.api.url)
  expect(url.protocol).toBe('https:')
  const authorization = `Bearer ${await tokenFor('alice')}`
  expect(await statusOf(new URL('/v1/inbox', url), { authorization })).toBe(200)

  const socket = new WebSocket(
    new URL('/v1/socket?device=phone', url.href.replace('http', 'ws')),
    SUBPROTOCOL,
    {
      ca: CA,
      headers: { authorization },
    },
  )
  const first = await new Promise<Buffer>((resolve) => socket.once('message', resolve))
  expect(first.toString()).toContain('"welcome"')
  await expect(fetch(`http://${url.host}/healthz`)).rejects.toThrow('fetch failed')

  const ended = once(socket, 'close')
  service.signal('SIGTERM')
  expect((await ended)[0]).toBe(1012)
  expect(await service.exited).toEqual({ code: 0, signal: null })
})

test('takes a renewed certificate on SIGHUP, and keeps the former one where the new one is none', async () => {
  using folder = temporaryFolder()
  const environment = pairIn(folder.path)
  await using service = await ServiceProcess.start(join(folder.path, 'p.db'), environment)
  const url = new URL(service.api.url)
  const before = await shown(url)
  writeFileSync(environment['TLS_CERT'] ?? '', 'half a file')
  service.signal('SIGHUP')
  await service.logged('the certificate was not renewed: the one before serves on')
  expect(await shown(url)).toBe(before)
  copyFileSync(fileOf('next-cert'), environment['TLS_CERT'] ?? '')
  copyFileSync(fileOf('next-key'), environment['TLS_KEY'] ?? '')
  service.signal('SIGHUP')
  await service.logged('certificate renewed')
  expect(await shown(url)).not.toBe(before)
})

test('tells in its metrics until when the certificate is good that callers are shown', async () => {
  using folder = temporaryFolder()
  const files = pairIn(folder.path)
  await using service = await startService({ environment: { ...files, OPS_PORT: '0' } })
  const told = async (): Promise<number> => {
    const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text()
    const value = /^posthorn_tls_certificate_end_timestamp_seconds (\S+)$/m.exec(metrics)?.[1]
    return Number(value) * 1_000
  }
  const endOf = (name: string): number =>
    Date.parse(new X509Certificate(readFileSync(fileOf(name))).validTo)

  expect(await told()).toBe(endOf('cert'))
  copyFileSync(fileOf('next-cert'), files['TLS_CERT'] ?? '')
  copyFileSync(fileOf('next-key'), files['TLS_KEY'] ?? '')
  expect(await told()).toBe(endOf('cert'))
  service.reload()
  expect(await told()).toBe(endOf('next-cert'))
})

test('`serve` and `check` say what is wrong with a certificate, and `check` until when it is good', async () => {
  using folder = temporaryFolder()
  const pair = pairIn(folder.path)
  const environment = { ...pair, DATABASE_URL: `sqlite:${join(folder.path, 'p.db')}`, PORT: '0' }
  const good = await runCommand(['check'], environment)
  expect(good.code).toBe(0)
  expect(good.output).toMatch(/^tls: .*cert\.pem: good until \w{3} +\d+ .* GMT$/m)
  copyFileSync(fileOf('next-key'), pair['TLS_KEY'] ?? '')
  for (const command of ['check', 'serve']) {
    const { code, errors } = await runCommand([command], environment)
    expect(code).toBe(1)
    expect(errors).toMatch(/TLS_CERT and TLS_KEY: .*key values mismatch/)
  }
})
