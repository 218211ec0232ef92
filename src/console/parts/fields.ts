import { html, nothing, type TemplateResult } from 'lit'

/** What a field holds after the event of an input. */
export function valueOf({ target }: Event): string {
  return target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
    ? target.value
    : ''
}

export interface TextField {
  /** Of the whole page its own. */
  id: string
  label: string
  value: string
  changed: (value: string) => void
  placeholder?: string
  isDisabled?: boolean
  /** Whether the service has found fault with it. */
  isWrong?: boolean
  /** What the page itself finds wrong with it, in words. */
  fault?: string | undefined
  className?: string
  /** A secret is not shown; it is no password to the browser, which would offer to keep it. */
  isSecret?: boolean
}

/** A line of text with its label above it. */
export function textField(field: TextField): TemplateResult {
  const { id, label, value, changed, placeholder, isDisabled, isSecret, fault } = field
  const isWrong = field.isWrong === true || fault !== undefined
  return html`<div class="field ${field.className ?? ''}">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      class=${isSecret ? 'secret' : nothing}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      placeholder=${placeholder ?? nothing}
      aria-invalid=${isWrong ? 'true' : nothing}
      aria-describedby=${fault === undefined ? nothing : `${id}-fault`}
      ?disabled=${isDisabled ?? false}
      .value=${value}
      @input=${(event: Event) => changed(valueOf(event))}
    />
    ${fault === undefined ? nothing : html`<p id="${id}-fault" class="fault" role="alert">${fault}</p>`}
  </div>`
}
