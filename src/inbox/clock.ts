/** Milliseconds since 1970 (UTC). Injected wherever time is told, so that tests own it. */
export type Clock = () => number

/**
 * Milliseconds from some point on, which nobody sets back or forward. What waits for a time to pass asks this one: the
 * system's clock may jump.
 */
export type Stopwatch = () => number
