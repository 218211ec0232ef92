import * as z from 'zod/mini'

/** The answer to `ping`. */
export const PongMessage = z.object({
  type: z.literal('pong'),
  id: z.optional(z.string()),
  payload: z.object({}),
})
