import * as z from 'zod/mini'

/** Longest pattern; a topic has as many characters at most. */
const MAX_PATTERN_LENGTH = 128

/** A topic, in which a segment between dots may be `*`. */
const TopicPattern = z
  .string()
  .check(
    z.maxLength(MAX_PATTERN_LENGTH),
    z.regex(/^(?:\*|[A-Za-z0-9_:/-]*)(?:\.(?:\*|[A-Za-z0-9_:/-]*))*$/),
    z.minLength(1),
  )

/** Patterns in one string, separated by spaces as the words of `scope` are. */
const PatternText = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => text.split(' ').filter((word) => word !== '')),
  ),
  z.array(TopicPattern),
)

/** The claim `topics`: which topics a user may subscribe to by itself. A list of patterns, or one string of them. */
export const TopicPatterns = z.union([z.array(TopicPattern), PatternText])

/** Whether a text is a pattern of topics. */
export function isTopicPattern(text: string): boolean {
  return TopicPattern.safeParse(text).success
}

/** Whether one of the patterns allows a topic: `*` stands for one whole segment between dots, which is not empty. */
export function allowsTopic(patterns: readonly string[], topic: string): boolean {
  const segments = topic.split('.')
  return patterns.some((pattern) => {
    const wanted = pattern.split('.')
    return (
      wanted.length === segments.length &&
      wanted.every((word, index) => fits(word, segments[index] ?? ''))
    )
  })
}

function fits(word: string, segment: string): boolean {
  return word === '*' ? segment !== '' : word === segment
}
