import { html, type TemplateResult } from 'lit'
import type { Workbench } from '../state/workbench.js'
import { Part } from './part.js'

/** Everything side by side: what is sent, the two devices that hear of it, and what the service sees. */
export class Bench extends Part {
  static override readonly properties = { workbench: { attribute: false } }
  declare workbench: Workbench

  override render(): TemplateResult {
    const { user, left, right, outbox, traffic } = this.workbench
    return html`<p class="hint">
        <b>Watch the replay:</b> disconnect a device, send three, connect it again. What it missed
        comes back in order, once, marked <span class="mark replayed">replayed</span>.
      </p>
      <div class="bench">
        <section class="panel compose" aria-labelledby="compose-heading">
          <h2 id="compose-heading">Compose</h2>
          <console-compose .user=${user} .outbox=${outbox}></console-compose>
          <console-sent .outbox=${outbox}></console-sent>
        </section>
        <console-pane .device=${left}></console-pane>
        <console-pane .device=${right}></console-pane>
        <section class="panel service" aria-labelledby="traffic-heading">
          <h2 id="traffic-heading">Service</h2>
          <console-rates .traffic=${traffic}></console-rates>
          <console-connections .workbench=${this.workbench}></console-connections>
        </section>
      </div>
      <console-announcer .devices=${[left, right]}></console-announcer>`
  }
}
