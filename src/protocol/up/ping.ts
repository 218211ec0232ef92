import * as z from 'zod/mini'

/** Answered by `pong`: a page can't see the protocol's own pings. */
export const PingCommand = z.object({ type: z.literal('ping') })
