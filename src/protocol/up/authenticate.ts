import * as z from 'zod/mini'

/** The first message where the handshake had no credential; later, a fresh token for the same principal. */
export const AuthenticateCommand = z.object({
  type: z.literal('authenticate'),
  payload: z.object({ token: z.string() }),
})
