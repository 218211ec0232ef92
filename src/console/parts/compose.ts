import { html, nothing, type TemplateResult } from 'lit'
import { Priority } from '../../protocol/notification.js'
import {
  bodyOf,
  dataFault,
  fieldOf,
  FIRST_DRAFT,
  TARGETS,
  ttlFault,
  type Draft,
  type Field,
  type TargetKind,
} from '../state/draft.js'
import { curlOf } from '../state/curl.js'
import type { Observable } from '../state/observable.js'
import type { Outbox, Outcome } from '../state/outbox.js'
import { textField, valueOf } from './fields.js'
import { outcomeWords, renderOutcome } from './outcome.js'
import { Part } from './part.js'

const TARGET_LABELS: Record<TargetKind, { choice: string; label: string; placeholder: string }> = {
  user: { choice: 'a user', label: 'User', placeholder: 'alice' },
  users: { choice: 'users', label: 'Users, with commas', placeholder: 'alice, bob' },
  topic: { choice: 'a topic', label: 'Topic', placeholder: 'news.eu' },
  everyone: { choice: 'everyone', label: 'Who', placeholder: 'all users that are known' },
}

/** Gets a token for the send, in a checkout; to send to everyone a service needs more. */
function tokenCommand(target: TargetKind): string {
  const scope = target === 'everyone' ? '"posthorn:send posthorn:broadcast"' : '"posthorn:send"'
  return `TOKEN=$(npm run -s posthorn -- token --service shop --scope ${scope})`
}

/** Writes a notification and sends it, once or several times. */
export class Compose extends Part {
  static override readonly properties = {
    user: { attribute: false },
    outbox: { attribute: false },
    draft: { state: true },
  }
  declare user: string
  declare outbox: Outbox
  declare draft: Draft
  /** The fields that were changed since that answer came. */
  #mended: { of: Outcome | undefined; fields: Set<Field> } = { of: undefined, fields: new Set() }

  protected override get shows(): readonly Observable[] {
    return [this.outbox]
  }

  override willUpdate(): void {
    if (!this.hasUpdated) this.draft = { ...FIRST_DRAFT, to: this.user }
  }

  override render(): TemplateResult {
    const { draft, outbox } = this
    const fault = dataFault(draft.data)
    const wrongTtl = ttlFault(draft.ttl)
    const isDisabled = outbox.isBusy || fault !== undefined || wrongTtl !== undefined
    const { label, placeholder } = TARGET_LABELS[draft.target]
    const isEveryone = draft.target === 'everyone'
    return html`<form class="compose-form" @submit=${(event: Event) => this.#submit(event)}>
        ${this.#renderTarget()}
        ${textField({
          ...this.#field('to', label),
          value: isEveryone ? '' : draft.to,
          placeholder,
          isDisabled: isEveryone,
        })}
        ${draft.target === 'topic' ? this.#renderSubscribe() : nothing}
        ${textField(this.#field('type', 'Type'))} ${this.#renderPriority()}
        ${textField({ ...this.#field('title', 'Title'), className: 'wide' })}
        ${this.#renderArea('body', 'Body')}
        ${textField({ ...this.#field('url', 'URL'), className: 'wide' })}
        ${textField({ ...this.#field('ttl', 'TTL, seconds'), fault: wrongTtl })}
        ${textField(this.#field('collapseKey', 'Collapse key'))}
        ${this.#renderArea('data', 'Data, as JSON', fault)}
        <div class="send wide">
          <span class="brief send-bar-only" aria-hidden="true">
            ${outcomeWords(outbox.outcome) ?? `Sends “${draft.title}”`}
          </span>
          <button
            type="button"
            class="quiet send-bar-only"
            @click=${() => this.querySelector<HTMLElement>('#compose-title')?.focus()}
          >
            Edit
          </button>
          <button class="primary" ?disabled=${isDisabled}>Send</button>
          ${[3, 10].map(
            (count) =>
              html`<button
                type="button"
                ?disabled=${isDisabled}
                @click=${() => outbox.send(draft, count)}
              >
                Send ${count}
              </button>`,
          )}
        </div>
      </form>
      <div class="outcome" tabindex="0" role="region" aria-label="Answer">
        <div role="status">${renderOutcome(outbox.outcome)}</div>
      </div>
      ${this.#renderCurl(fault === undefined)}`
  }

  #renderTarget(): TemplateResult {
    return html`<div class="field">
      <label for="compose-target">To</label>
      <select
        id="compose-target"
        @change=${(event: Event) => {
          const target = TARGETS.find((name) => name === valueOf(event))
          this.#changed('to')
          if (target) this.draft = { ...this.draft, target, to: target === 'user' ? this.user : '' }
        }}
      >
        ${TARGETS.map(
          (name) =>
            html`<option value=${name} ?selected=${name === this.draft.target}>
              ${TARGET_LABELS[name].choice}
            </option>`,
        )}
      </select>
    </div>`
  }

  /** A topic without subscribers is no sight. */
  #renderSubscribe(): TemplateResult {
    const { outbox, draft, user } = this
    if (user === '') return html`<p class="note wide">Its subscribers receive it.</p>`
    return html`<p class="note wide">
      Its subscribers receive it.
      <button
        type="button"
        class="quiet"
        ?disabled=${draft.to === ''}
        @click=${() => outbox.subscribe(user, draft.to)}
      >
        Subscribe ${user}
      </button>
    </p>`
  }

  #renderPriority(): TemplateResult {
    return html`<div class="field">
      <label for="compose-priority">Priority</label>
      <select
        id="compose-priority"
        @change=${(event: Event) => this.#change('priority', valueOf(event))}
      >
        ${Priority.options.map(
          (name) => html`<option ?selected=${name === this.draft.priority}>${name}</option>`,
        )}
      </select>
    </div>`
  }

  #renderArea(field: 'body' | 'data', label: string, fault?: string): TemplateResult {
    const isWrong = fault !== undefined || this.#isWrong(field)
    return html`<div class="field wide ${field}">
      <label for="compose-${field}">${label}</label>
      <textarea
        id="compose-${field}"
        rows=${2}
        spellcheck="false"
        aria-invalid=${isWrong ? 'true' : nothing}
        aria-describedby=${field === 'data' ? 'compose-data-fault' : nothing}
        .value=${this.draft[field]}
        @input=${(event: Event) => this.#change(field, valueOf(event))}
      ></textarea>
      ${
        field === 'data'
          ? html`<p id="compose-data-fault" class="fault" role="status">${fault ?? nothing}</p>`
          : nothing
      }
    </div>`
  }

  #renderCurl(isSendable: boolean): TemplateResult {
    const text = (): string => curlOf(location.origin, bodyOf(this.draft))
    return html`<details class="curl">
      <summary>As a command</summary>
      ${
        isSendable
          ? html`<pre class="command">${text()}</pre>
              <console-copy .text=${text} .what=${'the command'}></console-copy>
              <p class="note">
                <code>$TOKEN</code> is a service’s:
                <code>${tokenCommand(this.draft.target)}</code>
              </p>`
          : html`<p class="note">The data is no JSON yet.</p>`
      }
    </details>`
  }

  #field(
    field: Exclude<Field, 'target'>,
    label: string,
  ): {
    id: string
    label: string
    value: string
    changed: (value: string) => void
    isWrong: boolean
  } {
    return {
      id: `compose-${field}`,
      label,
      value: this.draft[field],
      changed: (value) => this.#change(field, value),
      isWrong: this.#isWrong(field),
    }
  }

  #change(field: Exclude<Field, 'target'>, value: string): void {
    this.#changed(field)
    this.draft = { ...this.draft, [field]: value }
  }

  /** What the last answer found wrong with it may be right now. */
  #changed(field: Field): void {
    const { outcome } = this.outbox
    if (this.#mended.of !== outcome) this.#mended = { of: outcome, fields: new Set() }
    this.#mended.fields.add(field)
  }

  /** Whether the last answer pointed at it, and it stands as it did then. */
  #isWrong(field: Field): boolean {
    const { outcome } = this.outbox
    return (
      outcome?.kind === 'refused' &&
      !(this.#mended.of === outcome && this.#mended.fields.has(field)) &&
      outcome.trouble.errors.some((error) => fieldOf(error) === field)
    )
  }

  #submit(event: Event): void {
    event.preventDefault()
    void this.outbox.send(this.draft)
  }
}
