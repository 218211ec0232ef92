import { html, type TemplateResult } from 'lit'
import type { Notification } from '../client/frames.js'
import { safeUrl } from './safe-url.js'

/** The icons that could not be loaded: the letter stands for those. */
export type BrokenIcons = ReadonlySet<string>

/** A notification's icon, or the first letter of its title or type. */
export function avatar(
  { icon, title, type }: Notification,
  { broken, fail }: { broken: BrokenIcons; fail: (icon: string) => void },
): TemplateResult {
  const source = safeUrl(icon)
  const picture =
    source === undefined || broken.has(source)
      ? firstLetter(title ?? type)
      : html`<img
          alt=""
          loading="lazy"
          decoding="async"
          referrerpolicy="no-referrer"
          src=${source}
          @error=${() => fail(source)}
        />`
  return html`<span class="avatar" part="icon" aria-hidden="true">${picture}</span>`
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a reader takes for the first letter: an emoji of many code points is one. */
function firstLetter(text: string): string {
  const [first] = graphemes.segment(text.trim())
  return (first?.segment ?? '•').toLocaleUpperCase()
}
