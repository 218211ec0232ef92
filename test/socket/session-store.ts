import type { Scheduler } from 'fast-check'
import type { SessionContext } from '../../src/socket/session-context.js'
import { expectSame } from '../expectations.js'
import type { MemoryLog } from './memory-log.js'
import type { Scenario } from './session-events.js'

/** The store answers when the scheduler lets it; a page ends where the scenario says. */
export function scheduledStore(
  log: MemoryLog,
  scheduler: Scheduler,
  { moments, pageSize }: Scenario,
): SessionContext['store'] {
  let asked = 0
  const answer = <Value>(label: string, value: () => Promise<Value>): Promise<Value> => {
    const moment = moments[asked % moments.length]
    asked += 1
    if (moment === 'asking') return scheduler.schedule(value(), label)
    return scheduler.schedule(Promise.resolve(), label).then(value)
  }
  return {
    openDevice: (command) => answer('device', () => log.store.openDevice(command)),
    acknowledge: (command) =>
      answer(`acknowledge ${command.seq}`, () => log.store.acknowledge(command)),
    changes: (query) => {
      expectSame(query.at, log.now, 'when changes are asked for')
      return answer(`changes after ${query.after}`, () =>
        log.store.changes({ ...query, limit: Math.min(query.limit, pageSize) }),
      )
    },
  }
}
