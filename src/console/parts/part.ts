import { LitElement } from 'lit'
import type { Observable } from '../state/observable.js'

/**
 * A part of the page. It has no shadow: there is one stylesheet, and labels, headings and regions are of one document. It renders
 * anew when what it shows has changed, at most once a frame: messages may come faster than anybody can look.
 */
export abstract class Part extends LitElement {
  #ends: (() => void)[] = []

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
    if (this.hasUpdated) await new Promise((resolve) => requestAnimationFrame(resolve))
    await super.scheduleUpdate()
  }
}
