import { css } from 'lit'

export const BELL_STYLES = css`
  .bell {
    position: relative;
    display: grid;
    place-items: center;
    width: var(--posthorn-bell-size, 40px);
    height: var(--posthorn-bell-size, 40px);
    border-radius: 50%;
    color: var(--posthorn-bell-color, inherit);
  }

  .bell:hover,
  .bell[aria-expanded='true'] {
    background: color-mix(in srgb, currentColor 10%, transparent);
  }

  .bell .icon,
  .bell ::slotted(:is(svg, img)) {
    width: calc(var(--posthorn-bell-size, 40px) * 0.55);
    height: calc(var(--posthorn-bell-size, 40px) * 0.55);
  }

  .bell.off ::slotted(*),
  .bell.off .icon {
    opacity: 0.5;
  }

  .badge {
    position: absolute;
    inset-block-start: 2px;
    /* It grows inwards: at the edge of a page it would make that scroll. */
    inset-inline-end: 1px;
    min-width: 18px;
    padding: 0 5px;
    border-radius: 9px;
    background: var(--_badge);
    color: var(--_badge-text);
    font-weight: 700;
    font-size: 11px;
    line-height: 18px;
    text-align: center;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    pointer-events: none;
  }
`
