import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ConsoleTraffic } from '../../protocol/console.js'
import type { Observable } from '../state/observable.js'
import { countWords, durationWords } from '../state/words.js'
import type { Workbench } from '../state/workbench.js'
import { Part } from './part.js'

type Connection = ConsoleTraffic['connections'][number]

/** Without times where the service has not told of it. */
type Row = Pick<Connection, 'connection' | 'user' | 'device'> & Partial<Connection>

/** The sockets that are connected to the service now, whoever's they are. */
export class Connections extends Part {
  static override readonly properties = { workbench: { attribute: false } }
  declare workbench: Workbench

  protected override get shows(): readonly Observable[] {
    return [this.workbench.traffic, ...this.workbench.devices]
  }

  override render(): TemplateResult {
    const { latest, trouble } = this.workbench.traffic
    return html`<div class="list-head">
        <h3 id="connections-heading">Connections</h3>
        <span class="count">${latest ? countWords(latest.total, 'connection') : nothing}</span>
        <span class="complaint" role="status">
          ${trouble ? `${trouble.code}: ${trouble.detail}` : nothing}
        </span>
      </div>
      <div
        class="rows table ${trouble ? 'stale' : ''}"
        tabindex="0"
        role="region"
        aria-labelledby="connections-heading"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Device</th>
              <th scope="col">Connected for</th>
              <th scope="col">Last heard</th>
              <th scope="col">Connection</th>
            </tr>
          </thead>
          <tbody>
            ${this.#renderRows(latest)}
          </tbody>
        </table>
      </div>`
  }

  #renderRows(traffic: ConsoleTraffic | undefined): unknown {
    const ours = this.#ours(traffic)
    if (!traffic || traffic.connections.length + ours.length === 0) {
      return html`<tr>
        <td class="empty" colspan="5">${traffic ? 'Nobody is connected.' : 'Not known yet.'}</td>
      </tr>`
    }
    const { at, connections, total } = traffic
    const names = new Set(ours.map(({ connection }) => connection))
    const rows = [...ours, ...connections.filter(({ connection }) => !names.has(connection))]
    const more = total - rows.length
    return [
      repeat(
        rows,
        ({ connection }) => connection,
        (row) => renderRow(row, Date.parse(at), names.has(row.connection)),
      ),
      more > 0
        ? html`<tr>
            <td class="empty" colspan="5">and ${more} more</td>
          </tr>`
        : nothing,
    ]
  }

  /** This page's own, which may be older than the newest that the service lists: then only the panes know of them. */
  #ours(traffic: ConsoleTraffic | undefined): Row[] {
    return this.workbench.devices.flatMap(({ isOpen, place, owner, name }) => {
      if (!isOpen || !place || owner === undefined) return []
      const { connection } = place
      const listed = traffic?.connections.find((row) => row.connection === connection)
      return [listed ?? { connection, user: owner, device: name }]
    })
  }
}

function ageWords(since: string | undefined, now: number, behind = ''): string {
  return since === undefined ? '–' : `${durationWords(now - Date.parse(since))}${behind}`
}

/** Ages are told by the service's clock, whatever that of this machine says. */
function renderRow(row: Row, now: number, isOurs: boolean): TemplateResult {
  const { connection, user, device, connectedAt, heardAt } = row
  return html`<tr>
    <td>${user}</td>
    <td>${device}</td>
    <td title=${connectedAt ?? nothing}>${ageWords(connectedAt, now)}</td>
    <td title=${heardAt ?? nothing}>${ageWords(heardAt, now, ' ago')}</td>
    <td>
      <code>${connection}</code>
      ${isOurs ? html`<span class="badge">this page</span>` : nothing}
    </td>
  </tr>`
}
