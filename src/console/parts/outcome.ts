import { html, nothing, type TemplateResult } from 'lit'
import type { Outcome } from '../state/outbox.js'
import { countWords } from '../state/words.js'

/** The same in a few words; undefined where nothing was answered yet. */
export function outcomeWords(outcome: Outcome | undefined): string | undefined {
  switch (outcome?.kind) {
    case undefined:
      return undefined
    case 'accepted':
      return outcome.count > 1
        ? `${outcome.receipt.status}, ${outcome.count} of them`
        : outcome.receipt.status
    case 'recalled':
    case 'subscribed':
      return outcome.kind
    case 'refused': {
      const { status, code, detail } = outcome.trouble
      return `${status ?? 'no answer'} ${code}: ${detail}`
    }
  }
}

/** What the service answered to the last send or recall. */
export function renderOutcome(outcome: Outcome | undefined): TemplateResult {
  switch (outcome?.kind) {
    case undefined:
      return html`<p class="note">The answer is shown here.</p>`
    case 'accepted': {
      const { status, seq, recipients, id } = outcome.receipt
      const { total, stored } = recipients
      const place = seq === undefined ? '' : ` at seq ${seq}`
      const number = outcome.count > 1 ? `, ${outcome.count} of them` : ''
      return html`<p><b class="good">${status}</b>${place}${number}</p>
        <p class="note">
          ${countWords(total, 'recipient')}, ${stored} stored · <code>${id}</code>
        </p>`
    }
    case 'recalled': {
      const { id, recipients } = outcome.receipt
      return html`<p><b class="good">recalled</b></p>
        <p class="note">${countWords(recipients.total, 'recipient')} · <code>${id}</code></p>`
    }
    case 'subscribed':
      return html`<p><b class="good">subscribed</b></p>
        <p class="note">${outcome.user} hears of what is sent to ${outcome.topic}.</p>`
    case 'refused': {
      const { status, code, detail, errors, requestId } = outcome.trouble
      return html`<p><b class="bad">${status ?? 'no answer'}</b> <code>${code}</code></p>
        <p>${detail}</p>
        ${
          errors.length === 0
            ? nothing
            : html`<ul>
                ${errors.map(
                  (error) => html`<li><code>${error.pointer || '/'}</code> ${error.detail}</li>`,
                )}
              </ul>`
        }
        ${outcome.count > 0 ? html`<p>${outcome.count} went out before.</p>` : nothing}
        ${
          requestId === undefined
            ? nothing
            : html`<p class="note">request <code>${requestId}</code></p>`
        }`
    }
  }
}
