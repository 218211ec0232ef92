import { html, type TemplateResult } from 'lit'

/** Drawn on a grid of 24, in the colour of the text around it. It says nothing to a screen reader: its button does. */
function icon(path: string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`
}

export const BELL = icon(
  'M18 9a6 6 0 0 0-12 0c0 6-2.5 7.5-2.5 7.5h17S18 15 18 9M13.8 20a2.1 2.1 0 0 1-3.6 0',
)
export const CLOSE = icon('M6 6l12 12M18 6L6 18')
export const CHECK = icon('M5 12.5l4.5 4.5L19 7.5')
export const CHECK_ALL = icon('M2.5 12.5L7 17l9.5-9.5M12 17l9.5-9.5')
export const DOT = icon('M7 12a5 5 0 1 0 10 0 5 5 0 1 0-10 0')
export const ARCHIVE = icon('M3.5 4.5h17v4h-17zM5 8.5v11h14v-11M10 12.5h4')
export const ALERT = icon('M12 4L2.5 20h19zM12 10v4.5M12 17.2v.3')
export const OFFLINE = icon(
  'M7 18.5h10.5a4 4 0 0 0 2.6-7M17 9.6A5.5 5.5 0 0 0 9.6 6.9M6.9 9.7A4.5 4.5 0 0 0 7 18.5M4 4l16 16',
)
