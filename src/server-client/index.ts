/** The package's entry `posthorn/server-client`: sending, for services, in Node and other runtimes with `fetch`. */
export { createClient } from './client.js'
export type { PosthornClient } from './client.js'
export {
  PosthornAnswerError,
  PosthornApiError,
  PosthornArgumentError,
  PosthornClientError,
  PosthornNetworkError,
  PosthornTimeoutError,
  PosthornTokenError,
} from './errors.js'
export type { OwnCode } from './errors.js'
export type {
  DeliveryOfUser,
  InboxPage,
  Newer,
  Overview,
  ProblemAnswer,
  Recalled,
  Receipt,
} from './answers.js'
export type { BatchOutcome, ItemOutcome, SendingOfBatch } from './batch.js'
export type { Fetch, FetchAnswer, FetchRequest } from './environment.js'
export type { Sending, SendOptions, Sent } from './notifications.js'
export type { ClientOptions, TokenSource } from './options.js'
export type { Subscriber, Subscription, Topics } from './topics.js'
export type { CallOptions } from './transport.js'
export type { InboxOptions, Moment, Users } from './users.js'
