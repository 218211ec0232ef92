import { AMOUNT_RULES } from './amounts.js'
import { ENDING_RULES } from './endings.js'
import { FRAME_RULES } from './frames.js'
import { HANDSHAKE_RULES } from './handshake.js'
import { KEY_RULES } from './keys.js'
import { LIFE_RULES } from './life.js'
import { LIFETIME_RULES } from './lifetimes.js'
import { READING_RULES } from './reading.js'
import { PEOPLE_RULES } from './people.js'
import type { RuleRow } from './row.js'
import { STATE_RULES } from './state.js'
import { TOKEN_RULES } from './tokens.js'
import { TOPIC_RULES } from './topics.js'

/** Every rule of the contract, with its tests. */
export const RULES: RuleRow[] = [
  ...TOKEN_RULES,
  ...KEY_RULES,
  ...HANDSHAKE_RULES,
  ...READING_RULES,
  ...STATE_RULES,
  ...TOPIC_RULES,
  ...LIFETIME_RULES,
  ...FRAME_RULES,
  ...LIFE_RULES,
  ...PEOPLE_RULES,
  ...AMOUNT_RULES,
  ...ENDING_RULES,
]
