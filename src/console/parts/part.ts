import { LitElement } from 'lit'
import type { Observable } from '../state/observable.js'

/** So many times as long as it took to draw a part, it is let be: what comes fast leaves time to whoever types. */
const REST = 3

/**
 * A part of the page. It has no shadow: there is one stylesheet, and labels, headings and regions are of one document. It renders
 * anew when what it shows has changed, at most once a frame: messages may come faster than anybody can look.
 */
export abstract class Part extends LitElement {
  #ends: (() => void)[] = []
  /** By the clock of `performance`. */
  #restUntil = 0

  /** What it shows beside its properties. */
  protected get shows(): readonly Observable[] {
    return []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#ends = this.shows.map((shown) => shown.watch(() => this.requestUpdate()))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const end of this.#ends) end()
    this.#ends = []
  }

  protected override createRenderRoot(): this {
    return this
  }

  protected override async scheduleUpdate(): Promise<void> {
    // The first time there is nothing on the page that could stay.
    if (this.hasUpdated) {
      const rest = this.#restUntil - performance.now()
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    const begun = performance.now()
    await super.scheduleUpdate()
    const done = performance.now()
    this.#restUntil = done + (done - begun) * REST
  }
}
