import { html, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Observable } from '../state/observable.js'
import type { Outbox, Sent } from '../state/outbox.js'
import { Part } from './part.js'

const RECALL_WORDS: Record<Exclude<Sent['recall'], 'impossible'>, string> = {
  possible: 'Recall',
  'under way': 'Recalling',
  done: 'Recalled',
  failed: 'Recall',
}

/** What was sent from this page, newest first, each with a way to take it back. */
export class SentPart extends Part {
  static override readonly properties = { outbox: { attribute: false } }
  declare outbox: Outbox

  protected override get shows(): readonly Observable[] {
    return [this.outbox]
  }

  override render(): TemplateResult {
    const { sent } = this.outbox
    return html`<h3 id="sent-heading">Sent</h3>
      <ol class="rows sent-list" tabindex="0" aria-labelledby="sent-heading">
        ${
          sent.length === 0
            ? html`<li class="empty">What was sent from here can be recalled.</li>`
            : repeat(
                sent,
                ({ receipt }) => receipt.id,
                (item) => this.#renderRow(item),
              )
        }
      </ol>`
  }

  #renderRow(item: Sent): TemplateResult {
    return html`<li class="row">
      <span class="seq">${item.receipt.seq ?? '–'}</span>
      <span class="text"><b>${item.title}</b> <span class="more">to ${item.to}</span></span>
      ${item.recall === 'impossible' ? html`<i class="note">not kept</i>` : this.#renderRecall(item, item.recall)}
    </li>`
  }

  #renderRecall(item: Sent, recall: keyof typeof RECALL_WORDS): TemplateResult {
    return html`<button
      class="quiet"
      aria-label="${RECALL_WORDS[recall]}: ${item.title}"
      ?disabled=${recall === 'under way' || recall === 'done'}
      @click=${() => this.outbox.recall(item)}
    >
      ${RECALL_WORDS[recall]}
    </button>`
  }
}
