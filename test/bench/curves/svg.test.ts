import { expect, test } from 'vitest'
import { drawChart, type Curve, type Panel } from './svg.js'

const rate: Curve = {
  name: 'service',
  colour: '#0969da',
  points: [
    [0, 0],
    [10_000, 10_000],
  ],
}

const panel = (curves: readonly Curve[]): Panel => ({
  title: 'Throughput',
  x: { title: 'offered, a second', kind: 'linear' },
  y: { title: 'delivered, a second', kind: 'linear' },
  curves,
})

test('a curve goes from corner to corner of its plot, and is named', () => {
  const chart = drawChart('Load', [panel([rate])])
  expect(chart).toContain('<path class="curve" stroke="#0969da" d="M0 240L346 0"/>')
  expect(chart).toMatch(/<text [^>]*>service<\/text>/)
  expect(chart).toMatch(/<text [^>]*>offered, a second<\/text>/)
  expect(chart).toMatch(/<text [^>]*rotate\(-90\)"[^>]*>delivered, a second<\/text>/)
})

test('panels stand beside each other on a ground of their own', () => {
  const chart = drawChart('Load', [panel([rate]), panel([rate])])
  expect(chart).toContain('viewBox="0 0 904 ')
  expect(chart).toContain('translate(70 76)')
  expect(chart).toContain('translate(522 76)')
  expect(chart).toContain('<rect class="ground"')
})

test('names in the legend have a place each', () => {
  const curves = ['one', 'two', 'three'].map((name) => ({ ...rate, name }))
  const chart = drawChart('Load', [panel(curves)])
  const places = [...chart.matchAll(/<text (x="\d+" y="\d+") >(?:one|two|three)</g)]
  expect(new Set(places.map(([, place]) => place)).size).toBe(3)
})

test('a dashed curve is dashed in the plot and in the legend', () => {
  const chart = drawChart('Load', [panel([{ ...rate, dashed: true }])])
  expect(chart.match(/class="curve dashed"/g)).toHaveLength(2)
})

test('what was not measured is left out, and names no axis', () => {
  const without = drawChart('Load', [panel([rate, { ...rate, name: 'unknown', points: [] }])])
  expect(without).not.toContain('unknown')
  expect(drawChart('Load', [panel([])])).not.toContain('NaN')
})

test('marks of the format in texts are only text', () => {
  const chart = drawChart('a < b & c', [panel([rate])])
  expect(chart).toContain('a &lt; b &amp; c')
})
