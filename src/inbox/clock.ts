/** Milliseconds since 1970 (UTC). Injected wherever time is told, so that tests own it. */
export type Clock = () => number
