import { html, nothing, type TemplateResult } from 'lit'
import type { Notification } from '../client/frames.js'
import { ALERT } from './icons.js'
import type { Texts } from './texts.js'

/** How it is drawn: as any other where its priority is one that is not told, or that only a newer service knows. */
export function look(priority: string): 'urgent' | 'high' | 'normal' {
  return priority === 'urgent' || priority === 'high' ? priority : 'normal'
}

export function priorityWord(priority: string, texts: Texts): string | undefined {
  const drawn = look(priority)
  return drawn === 'normal' ? undefined : texts[drawn]
}

/** What is urgent is told by a word and a sign, not by colour alone. */
export function priorityMark(
  { id, priority }: Notification,
  texts: Texts,
): TemplateResult | typeof nothing {
  const word = priorityWord(priority, texts)
  if (word === undefined) return nothing
  return html`<span class="priority" part="priority" id="priority-${id}"
    >${priority === 'urgent' ? ALERT : nothing}${word}</span
  >`
}
