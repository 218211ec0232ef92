import { css } from 'lit'

export const PANEL_STYLES = css`
  .panel {
    flex-direction: column;
    width: min(var(--posthorn-width, 400px), calc(100vw - 16px));
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: var(--_shadow);
    container-type: inline-size;
  }

  .panel:popover-open {
    display: flex;
  }

  .panel:focus-visible {
    outline: none;
  }

  .header {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    padding: 12px 10px 10px 18px;
    padding-inline: 18px 10px;
    border-block-end: 1px solid var(--_border);
  }

  .heading {
    flex: 1;
    min-width: 0;
    font-weight: 650;
    font-size: calc(var(--_size) * 1.2);
    line-height: 1.3;
    overflow-wrap: break-word;
  }

  /* Where there is no room for both, the icon says it; the words are heard. */
  @container (width < 22em) {
    [part~='mark-all-read'] span {
      position: absolute;
      overflow: hidden;
      width: 1px;
      height: 1px;
      clip-path: inset(50%);
    }
  }

  .status,
  .trouble {
    display: flex;
    flex: none;
    align-items: center;
    gap: 10px;
    padding: 8px 18px;
    border-block-end: 1px solid var(--_border);
    background: var(--_hover);
    color: var(--_muted);
    font-size: var(--_small);
    font-variant-numeric: tabular-nums;
  }

  .status.off {
    color: var(--_high);
  }

  .trouble {
    padding-block: 4px;
    padding-inline-end: 10px;
    color: var(--_urgent);
  }

  .trouble p {
    flex: 1;
  }

  .spinner {
    flex: none;
    width: 14px;
    height: 14px;
    margin: 2px;
    border: 2px solid var(--_border);
    border-block-start-color: var(--_accent);
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }

  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }

  .more {
    display: grid;
    padding: 8px 10px;
  }

  .more .button {
    min-height: 36px;
  }

  /* The page's own, whose styles go before these. */
  slot[name='footer']::slotted(*) {
    flex: none;
    padding: 10px 18px;
    border-block-start: 1px solid var(--_border);
  }

  /* It waits a moment: the list may be on its way. */
  .empty {
    display: grid;
    gap: 4px;
    justify-items: center;
    padding: 44px 32px 52px;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
    animation: appear 0.3s 0.2s both;
  }

  .empty-title {
    color: var(--_text);
    font-weight: 600;
    font-size: calc(var(--_size) * 1.07);
  }

  .empty-sign {
    display: grid;
    place-items: center;
    width: 56px;
    height: 56px;
    margin-block-end: 10px;
    border-radius: 50%;
    background: var(--_tint);
    color: var(--_accent);
  }

  .empty-sign .icon {
    width: 26px;
    height: 26px;
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
`
