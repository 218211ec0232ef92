/** What happens to a store that its operator should know; each is told once. */
type StoreEvent =
  /** It fails for a reason that may pass. */
  { kind: 'trouble'; says: string; error: Error } | { kind: 'well' }

export type Report = (event: StoreEvent) => void
