import type { CSSResult } from 'lit'
import { BASE } from './base.js'
import { BELL_STYLES } from './bell.js'
import { CONDITIONS } from './conditions.js'
import { ITEM_STYLES } from './item.js'
import { PANEL_STYLES } from './panel.js'
import { TOAST_STYLES } from './toast.js'
import { TOKENS } from './tokens.js'

/** What stands later goes before what stands earlier. */
export const STYLES: CSSResult[] = [
  TOKENS,
  BASE,
  BELL_STYLES,
  PANEL_STYLES,
  ITEM_STYLES,
  TOAST_STYLES,
  CONDITIONS,
]
