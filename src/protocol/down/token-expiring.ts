import * as z from 'zod/mini'
import { Timestamp } from '../identifiers.js'

/** Comes a minute before the token expires: send `authenticate` with a fresh one. */
export const TokenExpiringMessage = z.object({
  type: z.literal('token_expiring'),
  payload: z.object({ expiresAt: Timestamp }),
})
