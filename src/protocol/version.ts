/** The version of the package, as `posthorn --version` and `openapi.yaml` give it. */
export const VERSION = '0.1.0'

/** The WebSocket subprotocol that client and server speak; its number moves when the wire breaks. */
export const SUBPROTOCOL = 'posthorn.v1'

/**
 * Counts the forms that the wire has had: every change to what travels, however small, is another one, and stands with
 * its number in README.md. Where a change breaks those who speak the form before it, `SUBPROTOCOL` moves too.
 */
export const WIRE_REVISION = 6

/** The prefix of the subprotocol entry in which a browser sends its token, which can't set headers. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.'
