import { parseAst } from 'vitest/node'
import * as z from 'zod/mini'

// As much of ESTree as the name of a test needs.
const Name = z.object({ type: z.literal('Identifier'), name: z.string() })
const Text = z.object({ type: z.literal('Literal'), value: z.string() })
const Call = z.object({
  type: z.literal('CallExpression'),
  callee: z.unknown(),
  arguments: z.array(z.unknown()),
})
const Each = z.object({
  type: z.literal('CallExpression'),
  callee: z.object({
    type: z.literal('MemberExpression'),
    object: Name,
    property: z.object({ name: z.literal('each') }),
  }),
})

/**
 * The names of the tests in the text of a file, as they are written: those that run. What is called in any other way
 * than `test(…)` or `test.each(…)(…)`, alone or within `describe`, is skipped, or to be done, and counts as absent.
 */
export function titlesOf(source: string): Set<string> {
  return new Set(testsIn(parseAst(source, { lang: 'ts' })))
}

function testsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(testsIn)
  if (typeof node !== 'object' || node === null) return []
  const call = Call.safeParse(node)
  if (call.success) {
    const { callee, arguments: given } = call.data
    const called = calledName(callee)
    const title = Text.safeParse(given[0])
    if (called === 'test') return title.success ? [title.data.value] : []
    // What stands in a suite or a test that is called in another way, such as `describe.skip`, does not run.
    if (called === undefined && isOfVitest(callee)) return []
  }
  return Object.values(node).flatMap(testsIn)
}

/** What is called: `test(…)` and `test.each(…)(…)` are `test`. */
function calledName(callee: unknown): string | undefined {
  const name = Name.safeParse(callee)
  if (name.success) return name.data.name
  const each = Each.safeParse(callee)
  return each.success ? each.data.callee.object.name : undefined
}

/** Whether a call goes to `test` or `describe` by way of something else, as `.skip`, `.todo` or `.skipIf(…)`. */
function isOfVitest(callee: unknown): boolean {
  const parsed = z
    .union([
      z.object({ type: z.literal('MemberExpression'), object: z.unknown(), property: z.unknown() }),
      z.object({ type: z.literal('CallExpression'), callee: z.unknown() }),
    ])
    .safeParse(callee)
  if (!parsed.success) {
    const name = Name.safeParse(callee)
    return name.success && ['test', 'describe', 'it'].includes(name.data.name)
  }
  return isOfVitest(
    parsed.data.type === 'MemberExpression' ? parsed.data.object : parsed.data.callee,
  )
}
