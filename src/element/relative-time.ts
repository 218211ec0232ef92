const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Says times as people do, in one language (undefined: the browser's). */
export class RelativeTimes {
  readonly language: string | undefined
  readonly #relative: Intl.RelativeTimeFormat
  readonly #day: Intl.DateTimeFormat
  readonly #dayOfYear: Intl.DateTimeFormat
  readonly #full: Intl.DateTimeFormat
  readonly #number: Intl.NumberFormat

  constructor(language: string | undefined) {
    this.language = language
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
    this.#day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' })
    this.#dayOfYear = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
    this.#full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' })
    this.#number = new Intl.NumberFormat(language)
  }

  /** "now", "5 min. ago", "yesterday"; from a week on the day. What is ahead of this clock is now. */
  short(time: number, now: number): string {
    const age = Math.max(0, now - time)
    if (age < MINUTE_MS) return this.#relative.format(0, 'second')
    if (age < HOUR_MS) return this.#relative.format(-Math.floor(age / MINUTE_MS), 'minute')
    const days = daysBetween(time, now)
    if (age < DAY_MS / 2 || days === 0) {
      return this.#relative.format(-Math.floor(age / HOUR_MS), 'hour')
    }
    if (days < 7) return this.#relative.format(-days, 'day')
    const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear()
    return (isThisYear ? this.#day : this.#dayOfYear).format(time)
  }

  /** Day and time in full. */
  full(time: number): string {
    return this.#full.format(time)
  }

  number(value: number): string {
    return this.#number.format(value)
  }
}

/** Days of the calendar, which a change of the clocks doesn't shift. */
function daysBetween(time: number, now: number): number {
  return Math.round((midnightBefore(now) - midnightBefore(time)) / DAY_MS)
}

function midnightBefore(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}
