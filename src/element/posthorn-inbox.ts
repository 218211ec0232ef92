import {
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { bell, BELL_ID, bellCount, bellName, bellState, PANEL_ID } from './bell.js'
import { Clock, untilOld } from './clock.js'
import { Details } from './details.js'
import { tellToggle } from './events.js'
import { languageOf } from './language.js'
import { ListKeyboard } from './list-keyboard.js'
import { Model } from './model.js'
import { Overlay } from './overlay.js'
import { Opening } from './opening.js'
import { MORE_ID, panel, type PanelView } from './panel.js'
import { panelView } from './panel-view.js'
import { MOST_TOASTS, PROPERTIES, type Badge, type Placement, type Theme } from './properties.js'
import { RelativeTimes } from './relative-time.js'
import type { InboxSource } from './source.js'
import { STYLES } from './styles/index.js'
import { ENGLISH, type Texts } from './texts.js'
import { toasts, TOASTS_ID } from './toast.js'

/**
 * `<posthorn-inbox>`: the bell with its badge, the panel with the user's notifications, and toasts for those that come while the page is
 * there. Give it an `inbox` of `connect`; it listens while it is in the document, and never closes what it did not open.
 *
 * @fires posthorn-open A notification is being opened; its default follows its `url`.
 * @fires posthorn-toggle The panel was opened or closed.
 */
export class PosthornInbox extends LitElement {
  static override readonly styles = STYLES
  static override readonly properties: PropertyDeclarations = PROPERTIES

  /** Whether the panel is open. Attribute `open`, reflected. */
  declare open: boolean
  /** Which edge of the bell the panel shares: `end` (default) or `start`. Attribute `placement`, reflected. */
  declare placement: Placement
  /** `auto` (default) goes by what the person's system prefers. Attribute `theme`, reflected. */
  declare theme: Theme
  /** Heading of the panel and name of the bell, in the place of `texts.label`. Attribute `label`. */
  declare label: string | null | undefined
  /** What the badge counts: `unread` (default), or `unseen`, of which none are left once the panel was open. Attribute `badge`. */
  declare badge: Badge
  /** Most toasts at a time; 0 shows none. Attribute `toasts`: a number, or `off`. Default 3. */
  declare toasts: number
  /** Words in the place of the English ones; by property alone. Times are told in the language of the nearest `lang`. */
  declare texts: Partial<Texts>

  readonly #model = new Model(this, {
    isOpen: () => this.open,
    mostToasts: () => this.toasts,
    texts: () => this.#texts,
  })
  readonly #details = new Details(this)
  readonly #keyboard = new ListKeyboard(this, {
    ids: () => (this.open ? this.#model.listening.items.map(({ id }) => id) : []),
    fallback: () => {
      if (this.open) this.#byId(PANEL_ID)?.focus()
    },
  })
  readonly #opening = new Opening({
    element: this,
    markRead: (id) => this.#model.opened(id),
    toggle: (id) => this.#details.toggle(id),
    reveal: (id) => this.#reveal(id),
    closePanel: () => this.hide(),
    dismissToast: (id) => this.#dismissToast(id),
  })
  #texts: Texts = ENGLISH
  #times = new RelativeTimes(undefined)

  constructor() {
    super()
    this.open = false
    this.placement = 'end'
    this.theme = 'auto'
    this.badge = 'unread'
    this.toasts = MOST_TOASTS
    this.texts = {}
    this.addController(
      new Overlay(this, {
        isOpen: () => this.open,
        bell: () => this.#byId(BELL_ID),
        panel: () => this.#byId(PANEL_ID),
        toasts: () => this.#byId(TOASTS_ID),
        hasToasts: () => this.#model.toasts.shown.length > 0,
        placement: () => this.placement,
        leave: (how) => this.#close(how === 'escape'),
      }),
    )
    this.addController(
      new Clock(this, () =>
        this.open ? untilOld(this.#model.listening.status, Date.now()) : undefined,
      ),
    )
  }

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang']
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value)
    if (name === 'lang') this.requestUpdate()
  }

  /** What it shows: what `connect` gave. By property alone; heard from the moment it is set. */
  get inbox(): InboxSource | undefined {
    return this.#model.listening.inbox
  }

  set inbox(inbox: InboxSource | null | undefined) {
    this.#model.listening.set(inbox ?? undefined)
    this.requestUpdate()
  }

  /** Opens the panel, and leaves the focus where it is. */
  show(): void {
    this.open = true
  }

  /** Closes the panel; where the focus was in it, the bell has it then. */
  hide(): void {
    this.#close(this.#byId(PANEL_ID)?.matches(':focus-within') ?? false)
  }

  /** Gives the focus to the bell. */
  override focus(options?: FocusOptions): void {
    this.#byId(BELL_ID)?.focus(options)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('texts') || changed.has('label')) {
      this.#texts = { ...ENGLISH, ...this.texts, ...(this.label && { label: this.label }) }
    }
    const language = languageOf(this)
    if (language !== this.#times.language) this.#times = new RelativeTimes(language)
    if (this.open) this.#model.toasts.clear()
    if (changed.has('open') && !this.open) {
      this.#model.trouble.actionOver()
      this.#details.fold()
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isChanged = changed.has('open') && changed.get('open') !== this.open
    if (isChanged && (this.open || changed.get('open') === true)) tellToggle(this, this.open)
    this.#model.markLookedAt()
  }

  protected override render(): TemplateResult {
    const { toasts: model, announcer, listening } = this.#model
    const texts = this.#texts
    const count = bellCount(listening.counts, this.badge)
    const state = bellState(listening)
    return html`${bell({
        name: bellName(texts, this.badge, { count, state }),
        count: count ?? 0,
        number: (value) => this.#times.number(value),
        isExpanded: this.open,
        isOff: state !== undefined,
        press: () => this.#toggle(),
      })}
      <section
        class="panel"
        part="panel"
        id=${PANEL_ID}
        popover="manual"
        role="dialog"
        aria-label=${texts.label}
        tabindex="-1"
        @keydown=${this.#keyboard.pressed}
      >
        ${this.open ? panel(this.#panelView()) : nothing}
      </section>
      ${toasts({
        ...this.#details.view,
        texts,
        shown: model.shown,
        hold: model.hold,
        release: model.release,
        open: (...opened) => this.#opening.fromToast(...opened),
        dismiss: ({ id }) => this.#dismissToast(id),
      })}
      <div class="hidden" role="status" aria-live="polite">${announcer.text}</div>
      <div class="hidden" role="alert">${announcer.alarm}</div>`
  }

  #panelView(): PanelView {
    return panelView({
      model: this.#model,
      texts: this.#texts,
      times: this.#times,
      details: this.#details.view,
      keyboard: this.#keyboard,
      open: (...opened) => this.#opening.fromList(...opened),
      loadMore: () => void this.#loadMore(),
      close: () => this.#close(true),
      dismiss: () => {
        this.#model.dismissTrouble()
        // Its button goes.
        this.#byId(PANEL_ID)?.focus()
      },
    })
  }

  #toggle(): void {
    if (this.open) return this.#close(false)
    this.open = true
    // Whoever opened it by its bell goes into it; a page that opens it leaves the focus where it is.
    void this.updateComplete.then(() => this.#byId(PANEL_ID)?.focus({ preventScroll: true }))
  }

  #close(isFocusReturned: boolean): void {
    if (!this.open) return
    this.open = false
    if (isFocusReturned) this.focus({ preventScroll: true })
  }

  /** Leads whoever asked by keyboard to the first of them: the button may be gone. */
  async #loadMore(): Promise<void> {
    const { listening } = this.#model
    const oldest = listening.items.at(-1)?.arrivedSeq ?? Infinity
    const isAsked = this.#byId(MORE_ID)?.matches(':focus') ?? false
    await this.#model.run('more')
    const first = listening.items.find(({ arrivedSeq }) => arrivedSeq < oldest)
    if (!isAsked || !first || !this.open) return
    await this.updateComplete
    this.#keyboard.focus(first.id)
  }

  /** Shows one in full in the list, and leads there. */
  #reveal(id: string): void {
    this.#details.expand(id)
    this.open = true
    void this.updateComplete.then(() => this.#keyboard.focus(id))
  }

  #dismissToast(id: string): void {
    const isFocusThere = this.#byId(TOASTS_ID)?.matches(':focus-within') ?? false
    this.#model.toasts.dismiss(id)
    if (isFocusThere) this.focus({ preventScroll: true })
  }

  #byId(id: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`#${id}`)
  }
}
