import { html, type TemplateResult } from 'lit'
import type { Device } from '../state/device.js'
import type { Observable } from '../state/observable.js'
import { statusWords } from '../state/words.js'
import { Part } from './part.js'

/** Says to screen readers how the devices stand, when that changes: not with each second that is waited. */
export class Announcer extends Part {
  static override readonly properties = { devices: { attribute: false } }
  declare devices: readonly Device[]

  protected override get shows(): readonly Observable[] {
    return this.devices
  }

  override render(): TemplateResult {
    return html`<div class="unseen" role="status">
      ${this.devices.map((device) => html`<p>${device.name}: ${announcement(device)}</p>`)}
    </div>`
  }
}

function announcement({ status, replayed }: Device): string {
  if (status.state === 'waiting') return 'waiting for the service'
  const { words } = statusWords(status, 0)
  const isLive = status.state === 'open' && status.phase === 'live'
  return isLive && replayed > 0 ? `${words}, ${replayed} replayed` : words
}
