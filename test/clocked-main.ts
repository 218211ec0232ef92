import { readConfig } from '../src/config.js'
import { start } from '../src/service.js'
import { createLog } from '../src/telemetry/log.js'
import { Moved, type Told } from './clocked.js'

// The service as `posthorn serve` runs it, with a clock that stands still until its parent moves it.

/** What the service does on timers: it does it, too, when the clock was moved, so that nobody waits for what is due by then. */
const looks: (() => void)[] = []

const { setInterval: inTime } = globalThis
Object.assign(globalThis, {
  setInterval: (look: () => void, milliseconds: number) => {
    looks.push(look)
    return inTime(look, milliseconds)
  },
})

let now = Number(process.env['NOW'])

function tell(told: Told): void {
  process.send?.(told)
}

const config = readConfig(process.env)
const log = createLog({ level: config.logLevel, readable: false })
const service = await start(config, { log, clock: () => now })

process.on('message', (message) => {
  now = Moved.parse(message).now
  for (const look of looks) look()
  tell({ now })
})
process.on('SIGTERM', () => {
  process.off('disconnect', leave)
  void service.close().then(() => process.disconnect())
})
// A parent that is gone leaves nothing behind.
process.on('disconnect', leave)
tell({ url: service.url })

function leave(): void {
  process.exit()
}
