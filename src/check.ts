import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { isReplaceable } from './auth/hosts.js'
import type { IssuerSettings } from './auth/issuers.js'
import { KeysError, OpenIssuers } from './auth/open-issuers.js'
import type { Config } from './config.js'
import { readPair } from './http/server.js'
import { inspectDatabase } from './store/sqlite/inspect.js'

/** One thing that was looked at, and how it was found. */
export interface Finding {
  good: boolean
  says: string
}

/**
 * Looks at what a service with these settings would start with: its keys, those that are published too, and its database.
 * Makes nothing and changes nothing; the service may run meanwhile.
 */
export async function check(config: Config): Promise<Finding[]> {
  return [
    ...(await checkKeys(config.issuers)),
    ...checkTls(config.tls),
    ...(config.database.kind === 'sqlite'
      ? checkFile(config.database.path)
      : await checkServer(config.database)),
    ...(await checkBus(config.bus)),
  ]
}

function checkTls(tls: Config['tls']): Finding[] {
  if (!tls) return []
  try {
    const { validTo } = new X509Certificate(readPair(tls).cert)
    const isOver = Date.parse(validTo) <= Date.now()
    const says = `tls: ${tls.certFile}: ${isOver ? 'has expired' : 'good until'} ${validTo}`
    return [{ good: !isOver, says }]
  } catch (error) {
    return [{ good: false, says: `tls: ${error instanceof Error ? error.message : String(error)}` }]
  }
}

async function checkKeys(settings: readonly IssuerSettings[]): Promise<Finding[]> {
  const findings = await Promise.all(settings.map(checkIssuer))
  return findings.flat()
}

async function checkIssuer(settings: IssuerSettings): Promise<Finding[]> {
  const { setting, keys: source } = settings
  if (source.kind === 'development' && !existsSync(source.file)) {
    return [
      { good: true, says: `keys: in development: ${setting} is not there yet and will be made` },
    ]
  }
  let reason = ''
  try {
    const { remote, close } = openOne(settings, (why) => (reason = why))
    try {
      await remote?.fetch()
    } finally {
      close()
    }
    const brought = remote ? `: ${remote.size} of use` : ''
    return [
      { good: true, says: `keys: ${setting}${brought}` },
      ...(source.kind === 'jwks' && isReplaceable(source.url)
        ? [{ good: true, says: `keys: ${setting}: over http they can be replaced on their way` }]
        : []),
    ]
  } catch (error) {
    if (error instanceof KeysError) {
      return error.lines.map((line) => ({ good: false, says: `keys: ${line}` }))
    }
    return [{ good: false, says: `keys: ${setting}: can't be fetched: ${reason}` }]
  }
}

function openOne(settings: IssuerSettings, fail: (reason: string) => void) {
  const issuers = new OpenIssuers([settings], {
    stopwatch: () => performance.now(),
    report: (event) => {
      if (event.kind === 'failed') fail(event.reason)
    },
  })
  return { remote: issuers.remote[0], close: () => issuers.close() }
}

async function checkServer({
  url,
  notifyUrl,
}: Extract<Config['database'], { kind: 'postgres' }>): Promise<Finding[]> {
  const { inspectPostgres } = await import('./store/postgres/inspect.js')
  const { good, says } = await inspectPostgres(url)
  const findings = [{ good, says: `database: ${says}` }]
  if (notifyUrl === url) return findings
  const notices = await inspectPostgres(notifyUrl)
  return [...findings, { good: notices.good, says: `NOTIFY_URL: ${notices.says}` }]
}

async function checkBus(bus: Config['bus']): Promise<Finding[]> {
  if (bus?.kind !== 'redis') return []
  const { reachRedis } = await import('./cluster/redis-link.js')
  try {
    await reachRedis(bus.url)
    return [{ good: true, says: 'BUS_URL: answers' }]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [{ good: false, says: `BUS_URL: ${reason}` }]
  }
}

function checkFile(path: string): Finding[] {
  try {
    const found = inspectDatabase(path)
    switch (found.kind) {
      case 'absent':
        return [{ good: true, says: `database: ${path}: is not there yet and will be made` }]
      case 'outdated':
        return [
          {
            good: true,
            says: `database: ${path}: sound, brought to this version by the next start`,
          },
        ]
      case 'sound': {
        const { users, notifications } = found
        const held = `users: ${users}, notifications: ${notifications}`
        return [{ good: true, says: `database: ${path}: sound, ${held}` }]
      }
      case 'broken':
        return found.complaints.map((line) => ({ good: false, says: `database: ${path}: ${line}` }))
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [{ good: false, says: `database: ${path}: ${reason}` }]
  }
}
