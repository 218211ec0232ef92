import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { titlesOf } from '../protocol/rules/titles.js'
import { FAMILIES } from './rows/index.js'
import type { AttackRow } from './rows/row.js'

const FILE = fileURLToPath(new URL('README.md', import.meta.url))

const ROWS = FAMILIES.flatMap(([, rows]) => rows)

/** The names of the tests in a file, those too that need a Chromium, without which they fail in CI. */
function titlesIn(file: string): Set<string> {
  const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  return titlesOf(
    source
      .replaceAll('describe.skipIf(!hasChromium)(', 'describe(')
      .replaceAll('test.for(', 'test.each('),
  )
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const linkTo = (file: string): string => `[${file.replace('.test.ts', '')}](../${file})`

function lineOf({ id, attack, source, outcome, tests }: AttackRow): string {
  const files = tests.map(([file]) => linkTo(file)).join(', ')
  return `| ${[id, attack, source, outcome, files].map(cell).join(' | ')} |`
}

function page(): string {
  const head = `# Attacks, and the tests that try them

Each row is tried by tests; \`rows/\` names them one by one, and \`table.test.ts\` fails where one of them is gone. This page is written
from those rows: \`npm run attacks\`.
`
  const families = FAMILIES.map(([title, rows]) => {
    const lines = rows.map(lineOf).join('\n')
    return `## ${title}\n\n| | attack | source | what happens | tests |\n|---|---|---|---|---|\n${lines}\n`
  })
  return [head, ...families].join('\n')
}

test('the page of attacks is what the rows say', async () => {
  // Where this fails, a row has changed: `npm run attacks` writes the page anew.
  await expect(page()).toMatchFileSnapshot(FILE)
})

test('the attacks of a family are numbered from 1, without a hole', () => {
  for (const [title, rows] of FAMILIES) {
    const letter = rows[0]?.id.charAt(0)
    expect([title, rows.map(({ id }) => id)]).toEqual([
      title,
      rows.map((_row, index) => `${letter}${index + 1}`),
    ])
  }
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length)
})

test.each(ROWS)('$id, $attack: its tests are there, and run', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0)
  for (const [file, ...names] of tests) {
    const titles = titlesIn(file)
    expect([file, names.filter((name) => !titles.has(name))]).toEqual([file, []])
    expect(names).not.toEqual([])
  }
})
