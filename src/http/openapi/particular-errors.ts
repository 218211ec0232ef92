import type { ParticularError } from './errors.js'

export const NO_SUCH_USER: ParticularError = {
  code: 'not_found',
  detail: 'There is no such user.',
}

export const NO_SUCH_DEVICE: ParticularError = {
  code: 'not_found',
  detail: 'There is no such device.',
}

export const NO_SUCH_TOPIC: ParticularError = {
  code: 'not_found',
  detail: 'There is no such topic.',
}

export const USERS_ONLY: ParticularError = {
  code: 'insufficient_scope',
  detail: 'This needs the token of a user.',
}

export const PAGE_TOO_LONG: ParticularError = {
  code: 'invalid_query',
  detail: 'The query is not valid.',
  violations: [{ pointer: '/limit', code: 'invalid_value', detail: 'must be at most 100' }],
}

export const NO_DEVICE: ParticularError = {
  code: 'invalid_query',
  detail: 'The query of the socket is not valid.',
  violations: [
    {
      pointer: '/device',
      code: 'invalid_value',
      detail: 'a device is 1–128 of A-Z a-z 0-9 . _ : -',
    },
  ],
}

export const BATCH_TOO_LARGE: ParticularError = {
  code: 'payload_too_large',
  detail: 'A request has at most 4194304 bytes here.',
}

export const NO_BATCH: ParticularError = {
  code: 'invalid_request',
  detail: 'The body is not a batch.',
  violations: [{ pointer: '/items', code: 'invalid_value', detail: 'names at least one item' }],
}

export const NO_MARK: ParticularError = {
  code: 'invalid_request',
  detail: 'The body is not a mark.',
  violations: [{ pointer: '/ids', code: 'invalid_value', detail: 'names at least one id' }],
}

export const TOO_MANY_UPGRADES: ParticularError = {
  code: 'rate_limited',
  detail: 'Too many sockets were opened from this address.',
}

export const TOO_MANY_SOCKETS: ParticularError = {
  code: 'overloaded',
  detail: 'There are as many sockets as may be.',
}

export const NO_ACKNOWLEDGEMENT: ParticularError = {
  code: 'invalid_request',
  detail: 'The body is not an acknowledgement.',
  violations: [{ pointer: '/seq', code: 'required', detail: 'this field is required' }],
}

export const NO_CHANGE_OF_SUBSCRIBERS: ParticularError = {
  code: 'invalid_request',
  detail: 'The body is not a change of subscribers.',
  violations: [
    { pointer: '/remove/0', code: 'invalid_value', detail: 'this user is in `add`, too' },
  ],
}

export const NOTHING_TO_REVOKE: ParticularError = {
  code: 'invalid_request',
  detail: 'The body does not say what to revoke.',
  violations: [
    { pointer: '/issuedBefore', code: 'invalid_value', detail: 'must be at most a day ahead' },
  ],
}

export const NOTHING_TO_DISCONNECT: ParticularError = {
  code: 'invalid_request',
  detail: 'The body does not say what to disconnect.',
  violations: [{ pointer: '/reconnect', code: 'invalid_type', detail: 'must be of type boolean' }],
}
