import type { Report as DatabaseReport } from './store/postgres/report.js'
import type { Report } from './store/sqlite/report.js'
import type { Log } from './telemetry/log.js'

/** Writes to the log what an operator should know of the store. */
export function logStore(log: Log): Report {
  return (event) => {
    const { role: thread } = event
    switch (event.kind) {
      case 'ended':
      case 'not_started': {
        const { error: err, delayMs: againInMs } = event
        const what = event.kind === 'ended' ? 'has ended' : 'could not be started'
        return log.error({ thread, err, againInMs }, `a thread of the store ${what}`)
      }
      case 'started':
        return log.info({ thread }, 'a thread of the store was started again')
      case 'trouble':
        return log.error({ thread, err: event.error }, `the store is in trouble: ${event.says}`)
      case 'well':
        return log.info({ thread }, 'the store is well again')
    }
  }
}

/** As `logStore`, for a database on a server. */
export function logDatabase(log: Log): DatabaseReport {
  return (event) => {
    if (event.kind === 'well') log.info({}, 'the store is well again')
    else log.error({ err: event.error }, `the store is in trouble: ${event.says}`)
  }
}
