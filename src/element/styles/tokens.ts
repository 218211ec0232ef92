import { css } from 'lit'

/**
 * What a page may set, with what holds otherwise. Each is read once, into a name of the element's own. The colours of light and dark are
 * chosen by the browser, by `color-scheme`.
 */
export const TOKENS = css`
  :host {
    color-scheme: light dark;
    --_font: var(
      --posthorn-font,
      system-ui,
      -apple-system,
      'Segoe UI',
      Roboto,
      'Helvetica Neue',
      'Noto Sans',
      'Liberation Sans',
      sans-serif
    );
    --_size: var(--posthorn-font-size, 0.875rem);
    --_small: calc(var(--_size) * 0.875);
    --_surface: var(--posthorn-surface, light-dark(#ffffff, #1b1e25));
    --_hover: var(--posthorn-hover, light-dark(#f3f5f8, #252932));
    --_text: var(--posthorn-text, light-dark(#171a21, #eceef3));
    --_muted: var(--posthorn-muted, light-dark(#5a6172, #a4acbb));
    --_border: var(--posthorn-border, light-dark(#e2e5eb, #343945));
    --_accent: var(--posthorn-accent, light-dark(#2a56d4, #93b1ff));
    --_tint: color-mix(in srgb, var(--_accent) 7%, var(--_surface));
    --_badge: var(--posthorn-badge, light-dark(#cf2a23, #d33a34));
    --_badge-text: var(--posthorn-badge-text, #ffffff);
    --_urgent: var(--posthorn-urgent, light-dark(#b3211b, #ff9d95));
    --_high: var(--posthorn-high, light-dark(#865000, #f3bf69));
    --_radius: var(--posthorn-radius, 14px);
    --_shadow: var(
      --posthorn-shadow,
      0 1px 2px light-dark(rgb(20 25 40 / 8%), rgb(0 0 0 / 40%)),
      0 12px 36px light-dark(rgb(20 25 40 / 16%), rgb(0 0 0 / 56%))
    );
  }

  :host([theme='light']) {
    color-scheme: light;
  }

  :host([theme='dark']) {
    color-scheme: dark;
  }
`
