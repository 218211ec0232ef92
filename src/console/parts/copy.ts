import { html, type TemplateResult } from 'lit'
import { Part } from './part.js'

/** How long the button says what came of it, in milliseconds. */
const SAYS_FOR_MS = 2_000

/** A button that puts a text on the clipboard, and says so. */
export class Copy extends Part {
  static override readonly properties = {
    text: { attribute: false },
    what: { attribute: false },
    outcome: { state: true },
  }
  declare text: () => string
  /** What it copies, for who can't see where the button stands. */
  declare what: string
  declare outcome: 'copied' | 'failed' | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render(): TemplateResult {
    const words = { copied: 'Copied', failed: 'No clipboard' }
    return html`<button type="button" class="quiet copy" @click=${() => this.#copy()}>
      ${this.outcome ? words[this.outcome] : 'Copy'}<span class="unseen"> ${this.what}</span>
    </button>`
  }

  async #copy(): Promise<void> {
    try {
      // A page over plain http of another machine has none.
      await navigator.clipboard.writeText(this.text())
      this.outcome = 'copied'
    } catch {
      this.outcome = 'failed'
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.outcome = undefined), SAYS_FOR_MS)
  }
}
