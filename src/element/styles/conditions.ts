import { css } from 'lit'

/** What people ask of all pages: motion, or none of it, and colours of their own. */
export const CONDITIONS = css`
  @media (prefers-reduced-motion: no-preference) {
    .panel {
      transition:
        opacity 0.14s ease-out,
        translate 0.14s ease-out;
    }

    .toast {
      transition:
        opacity 0.2s ease-out,
        translate 0.2s ease-out;
    }

    .button,
    .bell,
    .actions {
      transition:
        background-color 0.12s,
        opacity 0.12s;
    }

    @starting-style {
      .panel:popover-open {
        opacity: 0;
        translate: 0 -6px;
      }

      .toast {
        opacity: 0;
        translate: 0 12px;
      }
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .spinner,
    .empty {
      animation: none;
    }
  }

  /* Backgrounds are gone here: what they told is told by the system's colours. */
  @media (forced-colors: active) {
    .badge,
    .unread-mark {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }

    .urgent::before {
      forced-color-adjust: none;
      background: CanvasText;
    }

    .actions {
      opacity: 1;
    }

    .button[aria-disabled] {
      color: GrayText;
    }
  }
`
