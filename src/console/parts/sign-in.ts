import { html, nothing, type TemplateResult } from 'lit'
import { ConsoleTraffic } from '../../protocol/console.js'
import { UserId } from '../../protocol/identifiers.js'
import { Session } from '../state/session.js'
import { tokenFault, tokenIn } from '../state/token.js'
import { Workbench } from '../state/workbench.js'
import { textField } from './fields.js'
import { Part } from './part.js'

/** Who comes says who they are: in development any user, elsewhere by the token of a service. */
export class SignIn extends Part {
  static override readonly properties = {
    mints: { attribute: false },
    done: { attribute: false },
    text: { state: true },
    complaint: { state: true },
    isBusy: { state: true },
  }
  /** Whether the service mints tokens. */
  declare mints: boolean
  declare done: (workbench: Workbench) => void
  /** The user, or the token. */
  declare text: string
  declare complaint: string | undefined
  declare isBusy: boolean

  constructor() {
    super()
    this.text = ''
    this.isBusy = false
  }

  override willUpdate(): void {
    if (!this.hasUpdated && this.mints) this.text = 'alice'
  }

  override firstUpdated(): void {
    this.querySelector('input')?.focus()
  }

  override render(): TemplateResult {
    return html`<form class="card" @submit=${(event: Event) => this.#submit(event)}>
      <h2>See notifications arrive, and come back</h2>
      ${this.mints ? IN_DEVELOPMENT : ELSEWHERE}
      <div class="sign-in">
        ${textField({
          id: 'sign-in',
          label: this.mints ? 'User' : 'Service token',
          value: this.text,
          changed: (text) => (this.text = text),
          isDisabled: this.isBusy,
          isWrong: this.complaint !== undefined,
          isSecret: !this.mints,
        })}
        <button class="primary" ?disabled=${this.isBusy}>Sign in</button>
      </div>
      <p class="complaint" role="alert">${this.complaint ?? nothing}</p>
    </form>`
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    this.isBusy = true
    this.complaint = await (this.mints ? this.#signInUser() : this.#signInService())
    this.isBusy = false
  }

  /** Gives what is wrong. */
  async #signInUser(): Promise<string | undefined> {
    const user = UserId.safeParse(this.text)
    if (!user.success) return user.error.issues[0]?.message
    const session = new Session()
    try {
      await session.userToken(user.data)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    this.done(Workbench.begin(session, user.data))
    return undefined
  }

  async #signInService(): Promise<string | undefined> {
    const token = tokenIn(this.text)
    if (token === '') return 'Paste the token of a service.'
    const fault = tokenFault(token)
    if (fault !== undefined) return fault
    const session = new Session(token)
    const answer = await session.call(ConsoleTraffic, '/console/traffic')
    if (!answer.ok) {
      return `${answer.trouble.code}: ${answer.trouble.detail}`
    }
    this.done(Workbench.resume(session) ?? Workbench.begin(session, ''))
    return undefined
  }
}

const IN_DEVELOPMENT = html`<p>
  Sign in as any user: this service is in development and mints the token itself. Two devices of the
  user open side by side. Cut one off, send, connect it again, and what it missed comes back: in
  order, and once.
</p>`

const ELSEWHERE = html`<p>
    This page sends and looks with the token of a service, which it keeps in memory alone: a reload
    asks again. The devices that it shows need a token of a user each.
  </p>
  <p>
    From a checkout, with the settings of the service (installed, it is
    <code>posthorn token</code>):
  </p>
  <pre class="command">
npm run -s posthorn -- token --service console \\
  --scope "posthorn:send posthorn:broadcast posthorn:users"
npm run -s posthorn -- token --user alice</pre>`
