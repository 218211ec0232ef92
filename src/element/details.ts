import type { ReactiveControllerHost } from 'lit'

/** What of the single notifications is the element's own; another object where it is another. */
export interface DetailsView {
  /** Icons that could not be loaded: a letter stands for those. */
  brokenIcons: ReadonlySet<string>
  /** Notifications without a URL that are shown in full. */
  expanded: ReadonlySet<string>
  iconFailed: (icon: string) => void
}

export class Details {
  readonly #host: ReactiveControllerHost
  #view: DetailsView

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    this.#view = {
      brokenIcons: new Set(),
      expanded: new Set(),
      iconFailed: (icon) =>
        this.#change({ brokenIcons: new Set([...this.#view.brokenIcons, icon]) }),
    }
  }

  get view(): DetailsView {
    return this.#view
  }

  expand(id: string): void {
    this.#change({ expanded: new Set([...this.#view.expanded, id]) })
  }

  toggle(id: string): void {
    const { expanded } = this.#view
    if (!expanded.has(id)) return this.expand(id)
    this.#change({ expanded: new Set([...expanded].filter((other) => other !== id)) })
  }

  /** The panel is closed. */
  fold(): void {
    if (this.#view.expanded.size > 0) this.#change({ expanded: new Set() })
  }

  #change(change: Partial<DetailsView>): void {
    this.#view = { ...this.#view, ...change }
    this.#host.requestUpdate()
  }
}
