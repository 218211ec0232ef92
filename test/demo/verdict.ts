/** What a device was to get, and what it got, by title and in order. */
export interface Ledger {
  device: string
  expected: readonly string[]
  received: readonly string[]
}

/** What is wrong with what a device got, in words; empty where it got everything once, in order. */
export function complaints({ device, expected, received }: Ledger): string[] {
  const once = [...new Set(received)]
  const missing = expected.filter((title) => !once.includes(title))
  const strange = once.filter((title) => !expected.includes(title))
  const outOfOrder =
    once.join('\n') !== expected.join('\n') && missing.length + strange.length === 0
  return [
    ...missing.map((title) => `${device} never got "${title}"`),
    ...strange.map((title) => `${device} got "${title}", which was not for it`),
    ...(once.length < received.length ? [`${device} got something twice`] : []),
    ...(outOfOrder ? [`${device} got its notifications out of order`] : []),
  ]
}
