import { html, nothing, type TemplateResult } from 'lit'
import { ConsoleSettings } from '../../protocol/console.js'
import { ask, type Trouble } from '../state/ask.js'
import { Session } from '../state/session.js'
import { Workbench } from '../state/workbench.js'
import { LOGO } from './logo.js'
import { Part } from './part.js'

type State =
  | { kind: 'loading' }
  | { kind: 'unreachable'; trouble: Trouble }
  | { kind: 'signed out'; settings: ConsoleSettings }
  | { kind: 'signed in'; settings: ConsoleSettings; workbench: Workbench }

/** The whole page: who comes signs in first. */
export class ConsoleApp extends Part {
  static override readonly properties = { state: { state: true } }
  declare state: State

  constructor() {
    super()
    this.state = { kind: 'loading' }
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override render(): TemplateResult {
    return html`<header class="top">
        <h1><span class="logo" aria-hidden="true">${LOGO}</span>Posthorn <span>console</span></h1>
        ${this.#renderWho()}
      </header>
      <main>${this.#renderRefusal()} ${this.#renderMain()}</main>`
  }

  async #load(): Promise<void> {
    this.state = { kind: 'loading' }
    const answer = await ask(
      ConsoleSettings,
      // Browsers send no `Origin` with a GET to where the page is from.
      `/console/settings?${new URLSearchParams({ origin: location.origin }).toString()}`,
    )
    if (!answer.ok) {
      this.state = { kind: 'unreachable', trouble: answer.trouble }
      return
    }
    const settings = answer.value
    const workbench = settings.development ? Workbench.resume(new Session()) : undefined
    this.state = workbench
      ? { kind: 'signed in', settings, workbench }
      : { kind: 'signed out', settings }
  }

  async #signedIn(settings: ConsoleSettings, workbench: Workbench): Promise<void> {
    this.state = { kind: 'signed in', settings, workbench }
    // What had the focus is gone with the card; by the next frame but one, all that takes its place is there.
    await this.updateComplete
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const first = settings.development ? '#compose-title' : '#left-token'
    this.querySelector<HTMLElement>(first)?.focus({ preventScroll: true })
  }

  async #signOut(settings: ConsoleSettings, workbench: Workbench): Promise<void> {
    this.state = { kind: 'signed out', settings }
    await workbench.end()
  }

  #renderWho(): TemplateResult {
    if (this.state.kind !== 'signed in' && this.state.kind !== 'signed out') return html``
    const { settings } = this.state
    const mode = settings.development ? 'development' : 'with a service token'
    const about = html`<span class="badge">${mode}</span
      ><span class="version">${settings.version}</span>`
    if (this.state.kind === 'signed out') return about
    const { workbench } = this.state
    return html`${about}
      <span class="who">
        ${workbench.user === '' ? html`signed in` : html`signed in as <b>${workbench.user}</b>`}
        <button class="quiet" @click=${() => this.#signOut(settings, workbench)}>Sign out</button>
      </span>`
  }

  /** Said at once: a socket that is refused is not told why. */
  #renderRefusal(): TemplateResult | typeof nothing {
    const { state } = this
    const isKnown = state.kind === 'signed in' || state.kind === 'signed out'
    if (!isKnown || state.settings.mayConnect) return nothing
    return html`<p class="refusal" role="alert">
      Pages of <code>${location.origin}</code> may not connect: set <code>PUBLIC_URL</code> or
      <code>ALLOWED_ORIGINS</code> to it, and start the service again.
    </p>`
  }

  #renderMain(): TemplateResult {
    const { state } = this
    switch (state.kind) {
      case 'loading':
        return html`<p class="card" role="status">Looking for the service …</p>`
      case 'unreachable':
        return html`<div class="card" role="alert">
          <h2>${state.trouble.title}</h2>
          <p>${state.trouble.detail}</p>
          <button class="primary" @click=${() => this.#load()}>Try again</button>
        </div>`
      case 'signed out':
        return html`<console-sign-in
          .mints=${state.settings.development}
          .done=${(workbench: Workbench) => this.#signedIn(state.settings, workbench)}
        ></console-sign-in>`
      case 'signed in':
        return html`<console-bench .workbench=${state.workbench}></console-bench>`
    }
  }
}
