import { html, nothing, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import { pretty, type FrameLog, type FrameRow } from '../state/frame-log.js'
import type { Observable } from '../state/observable.js'
import { countWords, timeWords } from '../state/words.js'
import { valueOf } from './fields.js'
import { Part } from './part.js'
import { StickToEnd } from './stick-to-end.js'

/** What went over the wire, as it was: sent ▲ and received ▼. */
export class FramesPart extends Part {
  static override readonly properties = {
    side: { attribute: false },
    frames: { attribute: false },
    filter: { state: true },
    opened: { state: true },
  }
  declare side: string
  declare frames: FrameLog
  declare filter: string
  /** The rows that are shown in full, by their keys. */
  declare opened: ReadonlySet<number>
  readonly #stick = new StickToEnd()

  constructor() {
    super()
    this.filter = ''
    this.opened = new Set()
  }

  protected override get shows(): readonly Observable[] {
    return [this.frames]
  }

  override updated(): void {
    this.#stick.isHeld = this.querySelector('details[open]') !== null
    this.#stick.follow(this.querySelector('ol'))
  }

  override render(): TemplateResult {
    const { frames, side } = this
    const rows = this.#matching()
    return html`<div class="list-head">
        <h3 id="${side}-frames">Frames</h3>
        <span class="count"
          >${
            this.filter.trim() === ''
              ? countWords(frames.count, 'frame')
              : `${rows.length} of ${frames.rows.length}`
          }</span
        >
        <label class="unseen" for="${side}-filter">Filter the frames</label>
        <input
          id="${side}-filter"
          type="search"
          placeholder="Filter"
          spellcheck="false"
          .value=${this.filter}
          @input=${(event: Event) => (this.filter = valueOf(event))}
        />
        <button class="quiet" aria-pressed=${frames.isPaused} @click=${() => this.#togglePause()}>
          Pause
        </button>
        <button class="quiet" ?disabled=${frames.rows.length === 0} @click=${() => frames.clear()}>
          Clear<span class="unseen"> the frames</span>
        </button>
      </div>
      <ol
        class="rows frames"
        tabindex="0"
        aria-labelledby="${side}-frames"
        @scroll=${this.#stick.scrolled}
      >
        ${
          rows.length === 0
            ? html`<li class="empty">
                ${
                  frames.rows.length === 0
                    ? 'What goes over the socket is shown here, as it is.'
                    : 'No frame has this in it.'
                }
              </li>`
            : repeat(
                rows,
                ({ key }) => key,
                (row) => guard([row, this.opened.has(row.key)], () => this.#renderRow(row)),
              )
        }
      </ol>`
  }

  #matching(): readonly FrameRow[] {
    const filter = this.filter.trim().toLowerCase()
    if (filter === '') return this.frames.rows
    return this.frames.rows.filter(({ text }) => text.toLowerCase().includes(filter))
  }

  #renderRow(row: FrameRow): TemplateResult {
    const { key, direction, text, types, at } = row
    const isOpen = this.opened.has(key)
    return html`<li class="frame ${direction}">
      <details ?open=${isOpen} @toggle=${(event: Event) => this.#toggled(key, event)}>
        <summary>
          <span class="arrow" aria-hidden="true">${direction === 'sent' ? '▲' : '▼'}</span>
          <span class="unseen">${direction}</span>
          <b>${types}</b>
          <span class="raw">${isOpen ? '' : text.slice(0, SUMMARY_LENGTH)}</span>
          <time class="time">${timeWords(at)}</time>
        </summary>
        ${
          isOpen
            ? html`<pre>${pretty(text)}</pre>
                <console-copy .text=${() => text} .what=${'the frame'}></console-copy>`
            : nothing
        }
      </details>
    </li>`
  }

  #toggled(key: number, { target }: Event): void {
    if (!(target instanceof HTMLDetailsElement)) return
    const opened = new Set(this.opened)
    if (target.open) opened.add(key)
    else opened.delete(key)
    this.opened = opened
  }

  #togglePause(): void {
    if (this.frames.isPaused) this.frames.resume()
    else this.frames.pause()
  }
}

/** Of a long frame only so much is in the line; the rest would be cut off by its end anyway. */
const SUMMARY_LENGTH = 300
