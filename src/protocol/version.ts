/** The version of the package, as `posthorn --version` and `openapi.yaml` give it. */
export const VERSION = '0.1.0'

/** The WebSocket subprotocol that client and server speak; its number moves when the wire breaks. */
export const SUBPROTOCOL = 'posthorn.v1'

/** The prefix of the subprotocol entry in which a browser sends its token, which can't set headers. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.'
