import { css } from 'lit'

/** What bell, panel and toasts have in common. */
export const BASE = css`
  :host {
    display: inline-block;
    vertical-align: middle;
    font: 400 var(--_size) / 1.45 var(--_font);
  }

  :host([hidden]) {
    display: none;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  button {
    margin: 0;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: inherit;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  h2,
  p,
  ul {
    margin: 0;
    padding: 0;
  }

  ul {
    list-style: none;
  }

  .icon {
    flex: none;
    width: 18px;
    height: 18px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .button {
    display: inline-flex;
    flex: none;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-width: 32px;
    min-height: 32px;
    border-radius: 8px;
    color: var(--_muted);
  }

  .button:hover {
    background: color-mix(in srgb, currentColor 10%, transparent);
    color: var(--_text);
  }

  .button.labelled {
    padding: 4px 10px;
    color: var(--_accent);
    font-weight: 600;
    font-size: var(--_small);
  }

  .button[aria-disabled] {
    background: none;
    color: var(--_muted);
    cursor: not-allowed;
  }

  .button[aria-disabled] .icon {
    opacity: 0.45;
  }

  /* The popovers of the browser are centred boxes with a border. */
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 0;
    border: 0;
    overflow: visible;
    background: none;
    color: var(--_text);
    font: 400 var(--_size) / 1.45 var(--_font);
    text-align: start;
  }

  .avatar {
    display: grid;
    flex: none;
    place-items: center;
    width: 36px;
    height: 36px;
    overflow: hidden;
    border-radius: 10px;
    background: color-mix(in srgb, var(--_accent) 14%, var(--_surface));
    color: var(--_accent);
    font-weight: 600;
    user-select: none;
  }

  .avatar img {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }

  /* The whole card can be clicked: its title covers it. */
  .open {
    display: block;
    min-width: 0;
    border-radius: 4px;
    color: var(--_text);
    text-decoration: none;
  }

  .open::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: inherit;
  }

  .open:focus-visible {
    outline: none;
  }

  .title,
  .body {
    display: -webkit-box;
    overflow: hidden;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }

  .body {
    color: var(--_muted);
    white-space: pre-line;
    -webkit-line-clamp: 3;
  }

  .priority {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    color: var(--_high);
    font-weight: 600;
    font-size: var(--_small);
  }

  /* The card, along its first edge. */
  .urgent::before {
    content: '';
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    width: 4px;
    background: var(--_urgent);
  }

  .urgent .priority {
    color: var(--_urgent);
  }

  .priority .icon {
    width: 14px;
    height: 14px;
    stroke-width: 2.2;
  }
`
