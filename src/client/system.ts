import type { Environment } from './environment.js'

/** Timers hold 31 bits of milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** What browsers and Node have in common. */
export const system: Pick<Environment, 'now' | 'after' | 'random' | 'randomName' | 'getJson'> = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(milliseconds, MAX_TIMER_MS))
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  randomName() {
    // `randomUUID` is for secure contexts only; this is not.
    const bytes = crypto.getRandomValues(new Uint8Array(12))
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  },
  async getJson(url, token, signal) {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(url, { headers, signal, credentials: 'omit' })
    const body: unknown = await response.json()
    return { status: response.status, body }
  },
}
