import { parseArgs } from 'node:util'
import { readConfig, type Config } from '../config.js'
import { VERSION } from '../protocol/version.js'
import { start, type Service } from '../service.js'
import { createLog, type Log } from '../telemetry/log.js'
import { banner } from './banner.js'
import { CommandError, parseOptions, type Command } from './command.js'

const USAGE = 'serve [--new-epoch]'

/** Runs the service until SIGTERM or SIGINT. */
export const serveCommand: Command = {
  name: 'serve',
  usage: USAGE,
  async run(words) {
    const options = parseOptions(USAGE, () =>
      parseArgs({ args: words, options: { 'new-epoch': { type: 'boolean', default: false } } }),
    )
    const config = readConfig(process.env)
    const { inDevelopment } = config
    const log = createLog({
      level: config.logLevel,
      readable: inDevelopment && process.stdout.isTTY,
    })
    const stop = nextSignal().then((signal) => {
      endInTime(config.shutdownTimeoutMs, log)
      return signal
    })
    const service = await startOrExplain(() =>
      start(config, { log, newEpoch: options['new-epoch'] }),
    )
    // On standard error, so that standard output holds log lines alone.
    if (inDevelopment) {
      // One of PostgreSQL may hold a password, and the secret does not lie beside it.
      const databaseUrl =
        config.database.kind === 'sqlite' ? process.env['DATABASE_URL'] : undefined
      console.error(banner({ url: service.url, databaseUrl, console: config.console }))
    }
    const { url, opsUrl } = service
    log.info({ url, opsUrl, version: VERSION, development: inDevelopment }, 'listening')
    using _renewal = onRenewal(config, service, log)
    const signal = await stop
    log.info({ signal }, 'stopping')
    // Whoever presses Ctrl-C has nobody who balances load.
    await service.close({ lead: signal === 'SIGTERM' })
    log.info('stopped')
  },
}

/** SIGINT or SIGTERM, once; a second one ends the process at once, as if nobody listened. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const take = (signal: NodeJS.Signals): void => {
      process.off('SIGINT', take)
      process.off('SIGTERM', take)
      resolve(signal)
    }
    process.on('SIGINT', take)
    process.on('SIGTERM', take)
  })
}

/** SIGHUP takes a certificate that was renewed; without TLS it ends the process, as anywhere. */
function onRenewal({ tls }: Config, service: Service, log: Log): Disposable {
  const renew = (): void => {
    try {
      service.reload()
      log.info('certificate renewed')
    } catch (error) {
      log.error({ err: error }, 'the certificate was not renewed: the one before serves on')
    }
  }
  if (tls) process.on('SIGHUP', renew)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', renew) }
}

/** Ends the process where it has not ended by itself in time, be it stuck in its start or in its stop. */
function endInTime(timeoutMs: number, log: Log): void {
  const end = (): void => {
    log.error('the service did not stop in time')
    process.exit(1)
  }
  setTimeout(end, timeoutMs).unref()
}

/** What keeps a service from starting is told in a line: a port in use, a database of a newer version. */
async function startOrExplain(begin: () => Promise<Service>): Promise<Service> {
  try {
    return await begin()
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) {
      throw new CommandError(`the service can't start: ${error.message}`, { cause: error })
    }
    throw error
  }
}
