import * as z from 'zod/mini'
import { Topic } from '../identifiers.js'

const payload = z.object({ topic: Topic })

/** Subscribes the user to a topic that the token allows. */
export const SubscribeCommand = z.object({ type: z.literal('subscribe'), payload })

/** Ends a subscription of the user to a topic that the token allows. */
export const UnsubscribeCommand = z.object({ type: z.literal('unsubscribe'), payload })
