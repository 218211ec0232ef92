import * as z from 'zod/mini'
import { CaughtUpMessage } from '../protocol/down/caught-up.js'
import { CountsMessage } from '../protocol/down/counts.js'
import { DrainingMessage } from '../protocol/down/draining.js'
import { EphemeralMessage } from '../protocol/down/ephemeral.js'
import { ErrorMessage } from '../protocol/down/error.js'
import { GapMessage } from '../protocol/down/gap.js'
import { NotificationMessage } from '../protocol/down/notification.js'
import { PongMessage } from '../protocol/down/pong.js'
import { RemovedMessage } from '../protocol/down/removed.js'
import { TokenExpiringMessage } from '../protocol/down/token-expiring.js'
import { UpdatedMessage } from '../protocol/down/updated.js'
import { WelcomeMessage } from '../protocol/down/welcome.js'
import { InboxList } from '../protocol/inbox.js'
import {
  Notification as ServedNotification,
  NotificationContent as ServedContent,
} from '../protocol/notification.js'

// Clients tolerate enum values that they do not know: what the protocol lists is any text here.

/** A notification as the application sees it. */
export const Notification = z.extend(ServedNotification, { priority: z.string() })
export type Notification = z.infer<typeof Notification>

const Content = z.extend(ServedContent, { priority: z.string() })
export type NotificationContent = z.infer<typeof Content>

/** The answer to `GET /v1/inbox`. */
export const List = z.extend(InboxList, { items: z.array(Notification) })
export type List = z.infer<typeof List>

const payloadOf = {
  notification: z.extend(NotificationMessage.shape.payload, { notification: Notification }),
  removed: z.extend(RemovedMessage.shape.payload, { reason: z.string() }),
  gap: z.extend(GapMessage.shape.payload, { reason: z.string() }),
  error: z.omit(ErrorMessage.shape.payload, { errors: true }),
}

export const Frame = z.discriminatedUnion('type', [
  WelcomeMessage,
  z.extend(GapMessage, { payload: payloadOf.gap }),
  z.extend(NotificationMessage, { payload: payloadOf.notification }),
  UpdatedMessage,
  z.extend(RemovedMessage, { payload: payloadOf.removed }),
  CountsMessage,
  CaughtUpMessage,
  z.extend(EphemeralMessage, { payload: z.object({ notification: Content }) }),
  // What a reply holds, the command that asked knows.
  z.object({ type: z.literal('reply'), id: z.string(), payload: z.unknown() }),
  z.extend(ErrorMessage, { payload: payloadOf.error }),
  PongMessage,
  TokenExpiringMessage,
  DrainingMessage,
])
export type Frame = z.infer<typeof Frame>
export type FrameOf<Type extends Frame['type']> = Extract<Frame, { type: Type }>

const TYPES: ReadonlySet<string> = new Set(
  Frame.def.options.flatMap(({ shape }) => shape.type.def.values.map(String)),
)

const Envelope = z.object({ type: z.string() })

/** What one text of the server's says. */
export interface Heard {
  frames: Frame[]
  /** Why a frame could not be read that should have been. */
  faults: string[]
}

/** Reads one text: a frame, or an array of them. Types that this version does not know are passed over; never throws. */
export function readFrames(text: string): Heard {
  const heard: Heard = { frames: [], faults: [] }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { frames: [], faults: ['A frame came that is not JSON.'] }
  }
  for (const item of Array.isArray(json) ? json.map((item: unknown) => item) : [json]) {
    const type = Envelope.safeParse(item).data?.type
    if (type !== undefined && !TYPES.has(type)) continue
    const frame = Frame.safeParse(item)
    if (frame.success) heard.frames.push(frame.data)
    else heard.faults.push(`A frame of the type ${type ?? '(none)'} came that can't be read.`)
  }
  return heard
}
