import * as z from 'zod/mini'
import { readConfig } from '../../src/config.js'
import { start } from '../../src/service.js'
import { createLog } from '../../src/telemetry/log.js'
import type { Told } from './clocked-service.js'

// The real service in a process of its own, with a clock that its parent moves: it stands still until it is told to move.
// Like `posthorn serve`, which has no such clock.

const Moved = z.object({ now: z.number() })

let now = Number(process.env['NOW'])

function tell(told: Told): void {
  process.send?.(told)
}

process.on('message', (message) => {
  now = Moved.parse(message).now
  tell({ now })
})
// A parent that is gone leaves nothing behind.
process.on('disconnect', () => process.exit())

const config = readConfig(process.env)
const log = createLog({ level: config.logLevel, readable: false })
const { url } = await start(config, { log, clock: () => now })
tell({ url })
