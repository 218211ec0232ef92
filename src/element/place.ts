/** Space between the panel and the window's edges, and between bell and panel. */
const MARGIN = 8
/** Below this height it goes to the other side of the bell, where there is more. */
const ENOUGH = 400

export interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

export interface Place {
  left: number
  /** From the window's top or bottom edge: the panel grows away from the bell. */
  from: 'top' | 'bottom'
  offset: number
  maxHeight: number
}

/** Where a panel of this width stands by its bell: within the window, below the bell where there is room. */
export function place(
  bell: Box,
  options: {
    width: number
    window: { width: number; height: number }
    /** Which edge of the panel is that of the bell. */
    edge: 'left' | 'right'
  },
): Place {
  const { width, window, edge } = options
  const wanted = edge === 'right' ? bell.right - width : bell.left
  const left = Math.max(MARGIN, Math.min(wanted, window.width - width - MARGIN))
  const top = Math.max(MARGIN, bell.bottom + MARGIN)
  const bottom = Math.max(MARGIN, window.height - bell.top + MARGIN)
  const below = window.height - top - MARGIN
  const above = window.height - bottom - MARGIN
  if (below >= ENOUGH || below >= above) {
    // In a window without room for either it stands over the bell.
    const offset = below >= ENOUGH / 2 ? top : MARGIN
    return { left, from: 'top', offset, maxHeight: window.height - offset - MARGIN }
  }
  const offset = above >= ENOUGH / 2 ? bottom : MARGIN
  return { left, from: 'bottom', offset, maxHeight: window.height - offset - MARGIN }
}
