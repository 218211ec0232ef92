import { html, LitElement, type TemplateResult } from 'lit'

/** The inbox of a user: see the README. */
export class PosthornInbox extends LitElement {
  override render(): TemplateResult {
    return html`<p>inbox</p>`
  }
}

customElements.define('posthorn-inbox', PosthornInbox)
