import { label, linearScale, logScale, type Scale } from './scale.js'

export interface Curve {
  name: string
  colour: string
  dashed?: boolean
  points: readonly (readonly [x: number, y: number])[]
}

interface Axis {
  /** With its unit. */
  title: string
  kind: 'linear' | 'log'
}

/** One diagram; a chart has some beside each other. */
export interface Panel {
  title: string
  x: Axis
  y: Axis
  curves: readonly Curve[]
}

const PANEL_WIDTH = 452
const PLOT_HEIGHT = 240
/** Around the plot: for what is written there. */
const MARGIN = { left: 70, right: 36, top: 76, bottom: 50 }
const LEGEND_LINE = 20
const LEGEND_COLUMNS = 2
const PLOT_WIDTH = PANEL_WIDTH - MARGIN.left - MARGIN.right

/** Colours of its own on a ground of its own: pages that are dark and pages that are light show it alike. */
const STYLE = `
  text { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .panel { font-size: 13px; font-weight: 600 }
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  .grid { stroke: #e4e8ec }
  .axis { stroke: #59636e }
  .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
  .dashed { stroke-dasharray: 6 4 }
`

/** A chart as an SVG document. */
export function drawChart(title: string, panels: readonly Panel[]): string {
  const lines = Math.max(...panels.map(({ curves }) => Math.ceil(curves.length / LEGEND_COLUMNS)))
  const width = PANEL_WIDTH * panels.length
  const height = MARGIN.top + PLOT_HEIGHT + MARGIN.bottom + lines * LEGEND_LINE + 16
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `<text class="title" x="20" y="32">${escape(title)}</text>`,
    ...panels.flatMap((panel, index) => [
      `<g transform="translate(${index * PANEL_WIDTH + MARGIN.left} ${MARGIN.top})">`,
      ...drawPanel(panel),
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, x, y, curves }: Panel): string[] {
  const drawn = curves.filter(({ points }) => points.length > 0)
  const points = drawn.flatMap((curve) => curve.points)
  if (points.length === 0) return [text(title, 0, -14, 'class="panel"')]
  const across = scaleOf(x, points.map(([value]) => value)) // prettier-ignore
  const up = scaleOf(y, points.map(([, value]) => value)) // prettier-ignore
  const atX = (value: number): number => round(across.place(value) * PLOT_WIDTH)
  const atY = (value: number): number => round((1 - up.place(value)) * PLOT_HEIGHT)
  const middle = PLOT_WIDTH / 2
  return [
    text(title, 0, -14, 'class="panel"'),
    ...up.ticks.flatMap((tick) => [
      `<path class="grid" d="M0 ${atY(tick)}H${PLOT_WIDTH}"/>`,
      text(label(tick), -8, atY(tick) + 4, 'text-anchor="end"'),
    ]),
    ...across.ticks.flatMap((tick) => [
      `<path class="grid" d="M${atX(tick)} 0V${PLOT_HEIGHT}"/>`,
      text(label(tick), atX(tick), PLOT_HEIGHT + 18, 'text-anchor="middle"'),
    ]),
    `<path class="axis" fill="none" d="M0 0V${PLOT_HEIGHT}H${PLOT_WIDTH}"/>`,
    text(x.title, middle, PLOT_HEIGHT + 40, 'text-anchor="middle"'),
    text(
      y.title,
      0,
      0,
      `text-anchor="middle" transform="translate(-54 ${PLOT_HEIGHT / 2}) rotate(-90)"`,
    ),
    ...drawn.flatMap(({ points: own, ...curve }) => [
      `<path class="${strokeOf(curve)}" stroke="${curve.colour}" d="M${own.map(([a, b]) => `${atX(a)} ${atY(b)}`).join('L')}"/>`,
      ...own.map(
        ([a, b]) => `<circle cx="${atX(a)}" cy="${atY(b)}" r="3" fill="${curve.colour}"/>`,
      ),
    ]),
    ...drawn.flatMap(drawLegend),
  ]
}

/** Which curve is which, under the plot. */
function drawLegend(curve: Omit<Curve, 'points'>, index: number): string[] {
  const left = (index % LEGEND_COLUMNS) * (PLOT_WIDTH / LEGEND_COLUMNS)
  const top = PLOT_HEIGHT + MARGIN.bottom + 10 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_LINE
  return [
    `<path class="${strokeOf(curve)}" stroke="${curve.colour}" d="M${left} ${top - 4}h26"/>`,
    text(curve.name, left + 34, top),
  ]
}

function strokeOf({ dashed = false }: Omit<Curve, 'points'>): string {
  return dashed ? 'curve dashed' : 'curve'
}

function scaleOf({ kind }: Axis, values: readonly number[]): Scale {
  return kind === 'linear' ? linearScale(values) : logScale(values)
}

function text(content: string, x: number, y: number, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escape(content)}</text>`
}

/** A tenth of a pixel is finer than anybody sees. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
