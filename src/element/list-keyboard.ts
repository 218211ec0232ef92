import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Where a key leads in a list of this length; undefined where it is none of the list's. */
function move(key: string, at: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, length - 1)
    case 'ArrowUp':
      return Math.max(at - 1, 0)
    case 'Home':
      return 0
    case 'End':
      return length - 1
    default:
      return undefined
  }
}

type Host = ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment }

/**
 * The list by keyboard: one of its notifications is in the order of Tab, with its buttons, and the arrows, Home and End lead to the
 * others. Where the one that has the focus goes, its neighbour gets it.
 */
export class ListKeyboard implements ReactiveController {
  readonly #host: Host
  readonly #ids: () => readonly string[]
  /** Takes the focus where the list is empty. */
  readonly #fallback: () => void
  #current: string | undefined
  /** The list as it was drawn, and where in it the focus was before it is drawn anew. */
  #drawn: readonly string[] = []
  #focused: string | undefined

  constructor(host: Host, options: { ids: () => readonly string[]; fallback: () => void }) {
    this.#host = host
    this.#ids = options.ids
    this.#fallback = options.fallback
    host.addController(this)
  }

  /** The one in the order of Tab. */
  get current(): string | undefined {
    const ids = this.#ids()
    return this.#current !== undefined && ids.includes(this.#current) ? this.#current : ids[0]
  }

  hostUpdate(): void {
    const focused = this.#host.renderRoot.querySelector('.item:focus-within')
    this.#focused = focused instanceof HTMLElement ? focused.dataset['id'] : undefined
  }

  hostUpdated(): void {
    const ids = this.#ids()
    const focused = this.#focused
    const drawn = this.#drawn
    this.#focused = undefined
    this.#drawn = ids
    if (focused === undefined || ids.includes(focused)) return
    const at = drawn.indexOf(focused)
    const left = new Set(ids)
    const next = [...drawn.slice(at + 1), ...drawn.slice(0, at).toReversed()]
    const neighbour = next.find((id) => left.has(id))
    if (neighbour === undefined) this.#fallback()
    else this.focus(neighbour)
  }

  /** The focus is in this notification, by Tab or by pointer. */
  entered(id: string): void {
    if (this.#current === id) return
    this.#current = id
    this.#host.requestUpdate()
  }

  readonly pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const ids = this.#ids()
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>('.item') : null
    // From above the list the arrow leads to its first.
    const at = item ? ids.indexOf(item.dataset['id'] ?? '') : -1
    const to = move(event.key, at, ids.length)
    const id = to === undefined ? undefined : ids[to]
    if (id === undefined) return
    event.preventDefault()
    this.focus(id)
  }

  focus(id: string): void {
    this.entered(id)
    const item = this.#host.renderRoot.querySelector(`.item[data-id="${CSS.escape(id)}"]`)
    const open = item?.querySelector('.open')
    if (open instanceof HTMLElement) open.focus()
  }
}
