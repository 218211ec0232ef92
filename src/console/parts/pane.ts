import { html, nothing, type TemplateResult } from 'lit'
import { ENGLISH, type Texts } from '../../element/index.js'
import type { Device } from '../state/device.js'
import type { Observable } from '../state/observable.js'
import { seconds } from '../state/seconds.js'
import { statusWords } from '../state/words.js'
import { textField } from './fields.js'
import { Part } from './part.js'

/** Here a connection ends when somebody presses a button, and nobody signs out. */
const TEXTS: Partial<Texts> = {
  closed: (why) => (why.by === 'application' ? 'Not connected.' : ENGLISH.closed(why)),
}

/**
 * One device: how its connection stands, where it is in the log, what came, and what went over the wire.
 * The bell is the element that applications use; here it follows no link, which would leave the page.
 */
export class Pane extends Part {
  static override readonly properties = { device: { attribute: false } }
  declare device: Device

  protected override get shows(): readonly Observable[] {
    return [this.device, seconds]
  }

  override render(): TemplateResult {
    const { device } = this
    const { words, lamp } = statusWords(device.status, Date.now())
    const heading = `${device.side}-heading`
    return html`<section class="panel pane" aria-labelledby=${heading}>
      <div class="pane-head">
        <h2 id=${heading}>${device.name}</h2>
        ${
          device.mints || device.owner === undefined
            ? nothing
            : html`<span class="owner">of <b>${device.owner}</b></span>`
        }
        <span class="status"><span class="lamp ${lamp}" aria-hidden="true"></span>${words}</span>
        <posthorn-inbox
          label="Inbox of ${device.name}"
          toasts="off"
          .texts=${TEXTS}
          .inbox=${device.inbox}
          @posthorn-open=${(event: Event) => event.preventDefault()}
        ></posthorn-inbox>
      </div>
      ${this.#renderNames()} ${this.#renderFacts()}
      <p class="complaint" role="alert" title=${device.error ?? nothing}>
        ${device.error ?? nothing}
      </p>
      <console-arrivals .device=${device}></console-arrivals>
      <console-frames .side=${device.side} .frames=${device.frames}></console-frames>
    </section>`
  }

  #renderNames(): TemplateResult {
    const { device } = this
    const { side, isOn: isDisabled } = device
    return html`<form class="names" @submit=${(event: Event) => this.#toggle(event)}>
      ${
        device.mints
          ? textField({
              id: `${side}-user`,
              label: 'User',
              value: device.user,
              changed: (user) => device.rename({ user }),
              isDisabled,
            })
          : textField({
              id: `${side}-token`,
              label: 'Token of a user',
              value: device.token,
              changed: (token) => device.rename({ token }),
              isDisabled,
              isSecret: true,
            })
      }
      ${textField({
        id: `${side}-device`,
        label: 'Device',
        value: device.name,
        changed: (name) => device.rename({ name }),
        isDisabled,
      })}
      <button class=${isDisabled ? '' : 'primary'}>${isDisabled ? 'Disconnect' : 'Connect'}</button>
    </form>`
  }

  #renderFacts(): TemplateResult {
    const { place, inbox, replayed } = this.device
    const counts = inbox?.counts
    return html`<dl class="facts">
      ${fact('cursor', place?.cursor, 'Up to here this device has acknowledged the log')}
      ${fact('latest', place?.latest, 'The newest place of the log that it was told of')}
      ${fact('unread', counts?.unread, 'In the inbox, neither read nor archived')}
      ${fact('unseen', counts?.unseen, 'In the inbox, not even seen')}
      ${fact('replayed', place && replayed, 'What this connection brought of what was missed')}
    </dl>`
  }

  async #toggle(event: Event): Promise<void> {
    event.preventDefault()
    const { device } = this
    if (device.isOn) await device.disconnect()
    else device.connect()
  }
}

function fact(name: string, value: number | undefined, title: string): TemplateResult {
  return html`<div title=${title}>
    <dt>${name}</dt>
    <dd>${value ?? '–'}</dd>
  </div>`
}
