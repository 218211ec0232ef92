import { parseSendRequest, type SendRequest } from '../../src/protocol/send.js'

/** When the bodies of the tests come. */
export const NOW = Date.UTC(2026, 10, 22, 10, 0, 0, 123)

/** Parses the body of a send that comes at `NOW`. */
export const parseSend = (body: unknown): SendRequest => parseSendRequest(body, NOW)
