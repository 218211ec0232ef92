import { MemoryLog } from './memory-log.js'
import type { LogChange, Scenario } from './session-events.js'

/** A log whose device has acknowledged, or passed, a part of it before some of it changed. */
export function logOf({ first, cursor, skipped, since }: Scenario): MemoryLog {
  const log = new MemoryLog()
  for (const change of first) applyChange(log, change)
  log.advance('phone', Math.min(cursor, log.latest), { skips: skipped })
  for (const change of since) {
    if (change.kind === 'pass time') log.now += change.milliseconds
    else applyChange(log, change)
  }
  return log
}

/** Each `seq` that was taken; of what retention removes none is, and the list is empty where it removed nothing. */
export function applyChange(log: MemoryLog, change: LogChange): number[] {
  switch (change.kind) {
    case 'append':
      return [log.append('x', change)]
    case 'sweep':
      return log.sweep()
    case 'move':
    case 'recall': {
      const from = log.livingAfter(0).at(-1 - change.which)
      if (from === undefined) return []
      return [change.kind === 'move' ? log.move(from) : log.remove(from, 'recalled', change.trims)]
    }
    case 'trim': {
      const before = log.trimmed.size
      log.trim(change.count)
      return log.trimmed.size > before ? [log.horizon] : []
    }
  }
}
