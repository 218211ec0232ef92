import { css } from 'lit'

export const ITEM_STYLES = css`
  .item {
    position: relative;
    display: flex;
    gap: 12px;
    padding: 14px 18px 8px;
    padding-inline: 18px 12px;
    content-visibility: auto;
    contain-intrinsic-size: auto 88px;
  }

  .item + .item {
    border-block-start: 1px solid var(--_border);
  }

  .item.unread {
    background: var(--_tint);
  }

  .item:hover {
    background: var(--_hover);
  }

  .item:has(.open:focus-visible) {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
    border-radius: 6px;
  }

  .content {
    flex: 1;
    min-width: 0;
  }

  .headline {
    display: flex;
    gap: 10px;
    align-items: baseline;
    justify-content: space-between;
    padding-inline-end: 6px;
  }

  /* On the part itself: what a page says of it would not reach what is in it. */
  .item.unread .open {
    font-weight: 650;
  }

  .item .body {
    margin-block-start: 2px;
    padding-inline-end: 6px;
  }

  .item.expanded .title,
  .item.expanded .body {
    -webkit-line-clamp: none;
  }

  .unread-mark {
    flex: none;
    align-self: flex-start;
    width: 9px;
    height: 9px;
    margin-block-start: 0.4em;
    border-radius: 50%;
    background: var(--_accent);
  }

  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    min-height: 32px;
    color: var(--_muted);
    font-size: var(--_small);
  }

  time {
    white-space: nowrap;
  }

  .actions {
    position: relative;
    display: flex;
    gap: 2px;
    margin-inline-start: auto;
  }

  /* Where one can point, they come to who points; where not, they are always there. */
  @media (hover: hover) {
    .actions {
      opacity: 0;
    }

    .item:hover .actions,
    .item:focus-within .actions {
      opacity: 1;
    }
  }
`
