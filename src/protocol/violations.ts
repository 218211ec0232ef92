import type * as z from 'zod/mini'
import type { Violation } from './errors.js'

type Issue = z.core.$ZodIssue

/** Most things that one answer complains of: a body may hold more mistakes than bytes of room to name them. */
export const MAX_VIOLATIONS = 100

/**
 * Parses what came from outside, once, at the door. Violations are in the contract's form, with words that help
 * whoever reads them.
 */
export function parse<Schema extends z.ZodMiniType>(
  schema: Schema,
  input: unknown,
): { value: z.infer<Schema> } | { violations: Violation[] } {
  // Most input is good, and is spared the options, of which zod makes a copy each time: that costs a send 1 µs (`accept`).
  const first = schema.safeParse(input)
  // With the input in each issue, an absent field can be told from one of the wrong type.
  const result = first.success ? first : schema.safeParse(input, { reportInput: true })
  if (result.success) return { value: result.data }
  const violations = result.error.issues.flatMap((issue) => violationsOfIssue(issue, []))
  return { violations: violations.slice(0, MAX_VIOLATIONS) }
}

function violationsOfIssue(issue: Issue, parent: readonly PropertyKey[]): Violation[] {
  const path = [...parent, ...issue.path]
  switch (issue.code) {
    case 'invalid_union': {
      // The branch whose fields are those that came is the one that the caller meant; of several, the one with the
      // fewest complaints.
      const closest =
        issue.errors.toSorted((a, b) => strangers(a) - strangers(b) || a.length - b.length)[0] ?? []
      return closest.flatMap((inner) => violationsOfIssue(inner, path))
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        pointer: toPointer([...path, key]),
        code: 'unknown_field',
        detail: 'there is no such field',
      }))
    case 'invalid_type':
      if (issue.input === undefined) return [absence(path)]
      return [
        {
          pointer: toPointer(path),
          code: 'invalid_type',
          detail: ownWords(issue) ?? `must be of type ${issue.expected}`,
        },
      ]
    case 'invalid_value':
      if (issue.input === undefined) return [absence(path)]
      return [
        {
          pointer: toPointer(path),
          code: 'invalid_value',
          detail: ownWords(issue) ?? `must be one of ${issue.values.map(String).join(', ')}`,
        },
      ]
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum
      const side = issue.code === 'too_small' ? 'at least' : 'at most'
      return [
        {
          pointer: toPointer(path),
          code: 'invalid_value',
          detail: ownWords(issue) ?? `must be ${side} ${String(bound)}`,
        },
      ]
    }
    default:
      return [
        { pointer: toPointer(path), code: 'invalid_value', detail: ownWords(issue) ?? 'not valid' },
      ]
  }
}

/** What zod tells as another type where the schema has a type, and as another value where it has values. */
function absence(path: readonly PropertyKey[]): Violation {
  return { pointer: toPointer(path), code: 'required', detail: 'this field is required' }
}

/** How many fields of a branch are absent, or came and are not its own. */
function strangers(issues: readonly Issue[]): number {
  return issues.filter(
    ({ code, input }) =>
      code === 'unrecognized_keys' ||
      ((code === 'invalid_type' || code === 'invalid_value') && input === undefined),
  ).length
}

/** The message that a schema gives for itself; zod/mini's own is the same for everything. */
function ownWords(issue: Issue): string | undefined {
  return issue.message === 'Invalid input' ? undefined : issue.message
}

/** RFC 6901 §3. */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
