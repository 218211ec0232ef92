import type { LiveConnections } from '../src/inbox/live.js'

/** The connections of a service to which nobody is connected. */
export const nobodyLive: LiveConnections = {
  deliver: () => Promise.resolve(),
  users: () => Promise.resolve([]),
  userOf: () => Promise.resolve(undefined),
  connections: () => Promise.resolve([]),
  newest: () => Promise.resolve({ connections: [], total: 0 }),
  end: () => Promise.resolve(0),
  endRevoked: () => Promise.resolve(),
}
