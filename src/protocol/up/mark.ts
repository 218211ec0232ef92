import * as z from 'zod/mini'
import { MarkPayload } from '../mark.js'

/** Marks entries as seen, read, unread, archived or unarchived. */
export const MarkCommand = z.object({ type: z.literal('mark'), payload: MarkPayload })
