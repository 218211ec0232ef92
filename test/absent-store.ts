import type { Store } from '../src/inbox/store.js'

/** What a store that is not there answers, whatever is asked. */
const absent = (): Promise<never> => Promise.reject(new Error('there is no store here'))

/** A store of which nothing may be asked: whoever needs some of it puts that over it. */
export const absentStore: Store = {
  send: absent,
  openDevice: absent,
  acknowledge: absent,
  mark: absent,
  changes: absent,
  list: absent,
  entry: absent,
  head: absent,
  latest: absent,
  notification: absent,
  deliveries: absent,
  check: absent,
  close: absent,
  // What ends, and what begins by time alone.
  recall: absent,
  due: absent,
  expire: absent,
  fire: absent,
  overfull: absent,
  trim: absent,
  forgettable: absent,
  forget: absent,
  // Topics.
  subscribe: absent,
  unsubscribe: absent,
  changeSubscribers: absent,
  subscribers: absent,
  topics: absent,
  stepFanOut: absent,
  // What is a user's beside the inbox.
  devices: absent,
  seeDevice: absent,
  removeDevice: absent,
  forgetDeliveries: absent,
  unseenDevices: absent,
  subscribed: absent,
  keepReceipt: absent,
  erase: absent,
  purge: absent,
  // Tokens that are believed no more.
  revoke: absent,
  revocations: absent,
  forgetRevocations: absent,
}
