import { countsOperation, listOperation, markOperation } from './inbox-operations.js'
import { BEHIND_A_SERVICE, serviceOnly } from './operations.js'
import { NO_SUCH_USER } from './particular-errors.js'
import { USER_PARAMETER } from './parameters.js'
import type { PathItem } from './types.js'

const THE_USERS = {
  tag: 'users',
  allowed: (description: string) => serviceOnly('posthorn:users', description),
  parameters: [USER_PARAMETER],
  errors: [...BEHIND_A_SERVICE, NO_SUCH_USER],
}

/** What services do with a user's inbox. */
export const USER_PATHS: Record<string, PathItem> = {
  '/v1/users/{user}/inbox': { get: listOperation('listUserInbox', THE_USERS) },
  '/v1/users/{user}/inbox/counts': { get: countsOperation('getUserInboxCounts', THE_USERS) },
  '/v1/users/{user}/inbox/mark': { post: markOperation('markUserInbox', THE_USERS) },
}
