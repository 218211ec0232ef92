import * as z from 'zod/mini'
import { CaughtUpMessage } from './caught-up.js'
import { CountsMessage } from './counts.js'
import { DrainingMessage } from './draining.js'
import { EphemeralMessage } from './ephemeral.js'
import { ErrorMessage } from './error.js'
import { GapMessage } from './gap.js'
import { NotificationMessage } from './notification.js'
import { PongMessage } from './pong.js'
import { RemovedMessage } from './removed.js'
import { ReplyMessage } from './reply.js'
import { TokenExpiringMessage } from './token-expiring.js'
import { UpdatedMessage } from './updated.js'
import { WelcomeMessage } from './welcome.js'

/** Everything that the server says. */
export const Down = z.discriminatedUnion('type', [
  WelcomeMessage,
  GapMessage,
  NotificationMessage,
  UpdatedMessage,
  RemovedMessage,
  CountsMessage,
  CaughtUpMessage,
  EphemeralMessage,
  ReplyMessage,
  ErrorMessage,
  PongMessage,
  TokenExpiringMessage,
  DrainingMessage,
])
export type Down = z.infer<typeof Down>

/** What the server says and writes as an object; what holds content, or is one of many, is joined as text instead. */
export type DownSmall = Exclude<
  Down,
  { type: 'notification' | 'updated' | 'removed' | 'ephemeral' }
>
