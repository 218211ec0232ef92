import * as z from 'zod/mini'
import { CaughtUpMessage } from './caught-up.js'
import { ErrorMessage } from './error.js'
import { GapMessage } from './gap.js'
import { NotificationMessage } from './notification.js'
import { PongMessage } from './pong.js'
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
  CaughtUpMessage,
  ReplyMessage,
  ErrorMessage,
  PongMessage,
  TokenExpiringMessage,
])
export type Down = z.infer<typeof Down>

/** What the server says and writes as an object; entries are joined as text instead (`changeFrame`). */
export type DownSmall = Exclude<Down, { type: 'notification' | 'updated' }>
