import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Notification } from '../../client/browser.js'
import { nameOf, type ArrivalRow } from '../state/arrivals.js'
import type { Device } from '../state/device.js'
import { fatesOf } from '../state/fates.js'
import type { Observable } from '../state/observable.js'
import { timeWords } from '../state/words.js'
import { Part } from './part.js'
import { StickToEnd } from './stick-to-end.js'

/** What the device was handed, in that order, each marked by how it came. */
export class ArrivalsPart extends Part {
  static override readonly properties = { device: { attribute: false } }
  declare device: Device
  readonly #stick = new StickToEnd()

  protected override get shows(): readonly Observable[] {
    return [this.device, this.device.arrivals]
  }

  override updated(): void {
    this.#stick.follow(this.querySelector('ol'))
  }

  override render(): TemplateResult {
    const { arrivals, inbox, side } = this.device
    const held = new Map(inbox?.items().map((item) => [item.id, item]))
    const fates = fatesOf(arrivals.rows)
    const heading = `${side}-arrivals`
    return html`<div class="list-head">
        <h3 id=${heading}>Arrivals</h3>
        ${
          inbox && !this.device.isOpen && arrivals.rows.length > 0
            ? html`<span class="note">Connect to mark or archive</span>`
            : nothing
        }
        <button
          class="quiet"
          ?disabled=${arrivals.rows.length === 0}
          @click=${() => arrivals.clear()}
        >
          Clear<span class="unseen"> the arrivals of ${this.device.name}</span>
        </button>
      </div>
      <ol
        class="rows arrivals"
        tabindex="0"
        aria-labelledby=${heading}
        @scroll=${this.#stick.scrolled}
      >
        ${
          arrivals.rows.length === 0
            ? html`<li class="empty">What reaches this device is listed here, in order.</li>`
            : repeat(
                arrivals.rows,
                ({ key }) => key,
                (row) => this.#renderRow(row, held, fates.get(row.key)),
              )
        }
      </ol>`
  }

  #renderRow(
    row: ArrivalRow,
    held: ReadonlyMap<string, Notification>,
    fate: string | undefined,
  ): TemplateResult {
    switch (row.kind) {
      case 'connection':
        return html`<li class="between"><span>${row.text}</span></li>`
      case 'notification': {
        const { id, body, title } = row.notification
        const more = title === null ? null : body
        const name = nameOf(row.notification)
        const item = held.get(id)
        const isCurrent = fate === undefined && item?.arrivedSeq === row.notification.arrivedSeq
        return line(row, row.seq, [row.way, ...(row.isNew ? [] : ['updated'])], {
          text: html`<b class=${isCurrent && item.readAt === null ? 'unread' : ''}>${name}</b>
            ${more === null ? nothing : html`<span class="more">${more}</span>`}`,
          end: isCurrent ? this.#renderCommands(item, name) : html`<i>${fate ?? NOT_HELD}</i>`,
        })
      }
      case 'updated':
        return line(row, row.seq, ['updated', row.way], {
          text: html`${row.title}`,
          end: html`<i>${row.state}</i>`,
        })
      case 'removed':
        return line(row, row.seq, ['removed', row.way], {
          text: html`${row.title}`,
          end: html`<i>${row.reason}</i>`,
        })
      case 'gap':
        return line(row, row.to, ['gap'], {
          text: html`what stood between ${row.from} and ${row.to} may be gone; listed anew`,
          end: html`<i>${row.reason}</i>`,
        })
      case 'ephemeral':
        return line(row, undefined, ['ephemeral'], { text: html`${nameOf(row.notification)}` })
    }
  }

  #renderCommands(item: Notification, name: string): TemplateResult {
    const isRead = item.readAt !== null
    const isDisabled = !this.device.isOpen
    const reason = isDisabled ? NO_CONNECTION : nothing
    return html`<span class="commands">
      <button
        class="quiet"
        aria-label="${isRead ? 'Mark unread' : 'Mark read'}: ${name}"
        title=${reason}
        ?disabled=${isDisabled}
        @click=${() => this.device.command(isRead ? 'markUnread' : 'markRead', item.id)}
      >
        ${isRead ? 'Unread' : 'Read'}
      </button>
      <button
        class="quiet"
        aria-label="Archive: ${name}"
        title=${reason}
        ?disabled=${isDisabled}
        @click=${() => this.device.command('archive', item.id)}
      >
        Archive
      </button>
    </span>`
  }
}

/** The inbox holds its newest; or lists them anew just now. */
const NOT_HELD = 'not listed'

/** Why a button of a row does nothing now. */
const NO_CONNECTION = 'Not connected: connect this device first.'

function line(
  { at }: ArrivalRow,
  seq: number | undefined,
  marks: string[],
  { text, end }: { text: TemplateResult; end?: TemplateResult },
): TemplateResult {
  return html`<li class="row">
    <span class="seq">${seq ?? '–'}</span>
    <span class="marks"
      >${marks.map((mark) => html`<span class="mark ${mark}">${mark}</span>`)}</span
    >
    <span class="text">${text}</span>
    <span class="end">${end ?? nothing}</span>
    <time class="time">${timeWords(at).slice(0, -4)}</time>
  </li>`
}
