import { svg, html, type TemplateResult } from 'lit'

/** A post horn: its bell to the right, its coil, its mouthpiece to the left. */
export const LOGO: TemplateResult = html`<svg
  viewBox="0 0 32 32"
  width="24"
  height="24"
  fill="none"
>
  ${svg`<path d="M3 9h11a7 7 0 1 1-7 7" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" />
  <path d="M14 9c6 0 10-1.500 14-5v16c-2.500-3-5-4.500-7.500-5" stroke="currentColor" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round" />`}
</svg>`
