import { css } from 'lit'

export const TOAST_STYLES = css`
  .toasts {
    inset-block-end: 8px;
    inset-inline-end: 8px;
    width: min(var(--posthorn-toast-width, 372px), calc(100vw - 16px));
    padding: 8px;
    pointer-events: none;
  }

  .toasts ul {
    display: grid;
    gap: 10px;
  }

  .toast {
    position: relative;
    display: flex;
    gap: 12px;
    align-items: flex-start;
    padding: 14px 10px 14px 16px;
    padding-inline: 16px 10px;
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: var(--_shadow);
    pointer-events: auto;
  }

  .toast:has(.open:focus-visible) {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  .toast .open {
    font-weight: 650;
  }

  .toast .body {
    -webkit-line-clamp: 2;
  }

  .toast .priority {
    margin-block-start: 4px;
  }

  .toast .button {
    position: relative;
    margin-block: -4px;
  }
`
