import type { Status } from '../../client/browser.js'

/** How a pane's connection stands; `idle` where it has none. */
export type PaneStatus = Status | { state: 'idle' }

/** The colour of the lamp beside the words. */
export type Lamp = 'off' | 'busy' | 'on' | 'bad'

/** How the connection stands, in words; `now` in milliseconds since 1970. */
export function statusWords(status: PaneStatus, now: number): { words: string; lamp: Lamp } {
  switch (status.state) {
    case 'idle':
      return { words: 'not connected', lamp: 'off' }
    case 'connecting':
      return {
        words: status.attempt === 1 ? 'connecting' : `connecting, attempt ${status.attempt}`,
        lamp: 'busy',
      }
    case 'open':
      return status.phase === 'live'
        ? { words: 'live', lamp: 'on' }
        : { words: 'replaying what was missed', lamp: 'busy' }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((status.retryAt - now) / 1000))
      return { words: `waiting, next try in ${seconds} s`, lamp: 'bad' }
    }
    case 'closed': {
      const { by, code, reason } = status.why
      if (by === 'application') return { words: 'not connected', lamp: 'off' }
      return { words: `closed by the service: ${code} ${reason}`.trimEnd(), lamp: 'bad' }
    }
  }
}

/** A length of time, as roughly as people say it. */
export function durationWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** A time of day of this machine, to the millisecond: 14:03:07.042. */
export function timeWords(at: number): string {
  const date = new Date(at)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${clock.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** A number of things a second, of at most three digits. */
export function rateWords(rate: number): string {
  if (rate === 0) return '0'
  if (rate < 10) return rate.toFixed(1)
  return rate < 1000 ? String(Math.round(rate)) : `${(rate / 1000).toFixed(1)}k`
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
