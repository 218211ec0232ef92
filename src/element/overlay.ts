import type { LitElement, ReactiveController } from 'lit'
import { place } from './place.js'

export interface OverlayOptions {
  isOpen: () => boolean
  // All are there after the first drawing.
  bell: () => HTMLElement | null
  panel: () => HTMLElement | null
  toasts: () => HTMLElement | null
  hasToasts: () => boolean
  placement: () => 'start' | 'end'
  /** Somebody turned away from the panel. */
  leave: (how: 'escape' | 'outside') => void
}

/** Panel and toasts over the page: in the top layer, where nothing clips them; the panel by its bell, gone when one turns away from it. */
export class Overlay implements ReactiveController {
  readonly #host: LitElement
  readonly #options: OverlayOptions
  #listeners: AbortController | undefined

  constructor(host: LitElement, options: OverlayOptions) {
    this.#host = host
    this.#options = options
  }

  hostUpdated(): void {
    if (!this.#host.isConnected) return
    const { isOpen, panel, hasToasts, toasts } = this.#options
    show(panel(), isOpen())
    show(toasts(), hasToasts())
    if (!isOpen()) return this.#ignore()
    this.#listen()
    this.#place()
  }

  /** A panel that is taken out of the document is hidden by that: it is shown again when it is back. */
  hostConnected(): void {
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#ignore()
  }

  #listen(): void {
    if (this.#listeners) return
    this.#listeners = new AbortController()
    const { signal } = this.#listeners
    document.addEventListener('pointerdown', this.#pointed, { signal, capture: true })
    document.addEventListener('keydown', this.#pressed, { signal })
    this.#host.addEventListener('focusout', this.#focusLeft, { signal })
    window.addEventListener('resize', this.#place, { signal })
    window.addEventListener('scroll', this.#place, { signal, capture: true, passive: true })
  }

  #ignore(): void {
    this.#listeners?.abort()
    this.#listeners = undefined
  }

  readonly #pointed = (event: Event): void => {
    if (!event.composedPath().includes(this.#host)) this.#options.leave('outside')
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    // Another dialog of the page may be meant.
    const isHere = event.composedPath().includes(this.#host)
    if (isHere || document.activeElement === document.body) this.#options.leave('escape')
  }

  /** Tab led out of it: it would cover what has the focus now. */
  readonly #focusLeft = ({ relatedTarget }: FocusEvent): void => {
    // What gets it within the element is told as the element itself.
    if (!(relatedTarget instanceof Node) || this.#host.contains(relatedTarget)) return
    this.#options.leave('outside')
  }

  readonly #place = (): void => {
    const { bell, panel, placement } = this.#options
    const button = bell()
    const box = panel()
    if (!button || !box) return
    const isRightToLeft = getComputedStyle(this.#host).direction === 'rtl'
    const { clientWidth: width, clientHeight: height } = document.documentElement
    const { left, from, offset, maxHeight } = place(button.getBoundingClientRect(), {
      width: box.offsetWidth,
      window: { width, height },
      edge: (placement() === 'end') === isRightToLeft ? 'left' : 'right',
    })
    box.style.setProperty('left', `${left}px`)
    box.style.setProperty(from, `${offset}px`)
    box.style.setProperty(from === 'top' ? 'bottom' : 'top', 'auto')
    box.style.setProperty('max-height', `min(${maxHeight}px, var(--posthorn-max-height, 38rem))`)
  }
}

function show(popover: HTMLElement | null, isShown: boolean): void {
  if (popover?.matches(':popover-open') === isShown) return
  if (isShown) popover?.showPopover()
  else popover?.hidePopover()
}
