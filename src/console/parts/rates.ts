import { html, svg, type TemplateResult } from 'lit'
import type { Observable } from '../state/observable.js'
import { HISTORY_SECONDS, MEASURES, type Measure } from '../state/rates.js'
import type { Traffic } from '../state/traffic.js'
import { rateWords } from '../state/words.js'
import { Part } from './part.js'

const TITLES: Record<Measure, string> = {
  accepted: 'Notifications that the service accepted',
  sent: 'Entries that were handed to sockets',
  replayed: 'Of those, the ones that were missed before',
  acknowledged: 'Entries that devices have acknowledged',
}

/** How much goes on, a second: now, and through the last minute. */
export class RatesPart extends Part {
  static override readonly properties = { traffic: { attribute: false } }
  declare traffic: Traffic

  protected override get shows(): readonly Observable[] {
    return [this.traffic]
  }

  override render(): TemplateResult {
    const { rates, latest } = this.traffic
    return html`<dl class="rates">
      ${MEASURES.map((measure) => {
        const history = rates[measure]
        return html`<div class="rate ${measure}" title=${TITLES[measure]}>
          <dt>${measure}</dt>
          <dd>
            <p>
              <b>${rateWords(history.at(-1) ?? 0)}</b> /s
              <span class="sum">${(latest?.sums[measure] ?? 0).toLocaleString('en')} in all</span>
            </p>
            ${sparkline(history)}
          </dd>
        </div>`
      })}
    </dl>`
  }
}

const WIDTH = 120
const HEIGHT = 28

/** A line of the last minute, its highest point at the top. */
function sparkline(history: readonly number[]): TemplateResult {
  const highest = Math.max(1, ...history)
  const step = WIDTH / (HISTORY_SECONDS - 1)
  const start = WIDTH - (history.length - 1) * step
  const points = history.map((rate, index) => {
    const y = HEIGHT - 1 - (rate / highest) * (HEIGHT - 3)
    return `${(start + index * step).toFixed(1)},${y.toFixed(1)}`
  })
  return html`<svg
    class="sparkline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<polyline points=${points.join(' ')} vector-effect="non-scaling-stroke" />`}
  </svg>`
}
