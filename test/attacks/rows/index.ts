import { BROWSERS } from './browsers.js'
import { NAMES } from './names.js'
import { REQUESTS } from './requests.js'
import type { AttackRow } from './row.js'
import { SOCKETS } from './sockets.js'
import { TOKENS } from './tokens.js'

/** Every attack, by its family. */
export const FAMILIES: [title: string, rows: AttackRow[]][] = [
  ['Tokens', TOKENS],
  ['Browsers', BROWSERS],
  ['Requests', REQUESTS],
  ['What is of others, and what the log tells', NAMES],
  ['Sockets', SOCKETS],
]
