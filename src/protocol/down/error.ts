import * as z from 'zod/mini'
import { Violation } from '../errors.js'

/** A command that failed, or the reason of the close that follows. */
export const ErrorMessage = z.object({
  type: z.literal('error'),
  /** The command's, where it had one that could be read. */
  id: z.optional(z.string()),
  payload: z.object({
    code: z.string(),
    detail: z.string(),
    retryable: z.boolean(),
    errors: z.optional(z.array(Violation)),
  }),
})
