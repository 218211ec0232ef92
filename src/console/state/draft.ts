import type { Violation } from '../../protocol/errors.js'

export const TARGETS = ['user', 'users', 'topic', 'everyone'] as const
export type TargetKind = (typeof TARGETS)[number]

/** A notification that is being composed, as its fields stand; an empty one is left out. */
export interface Draft {
  target: TargetKind
  /** The user, the users with commas between them, or the topic. */
  to: string
  type: string
  title: string
  body: string
  url: string
  priority: string
  ttl: string
  collapseKey: string
  data: string
}

export type Field = keyof Draft

export const FIRST_DRAFT: Omit<Draft, 'to'> = {
  target: 'user',
  type: 'order.shipped',
  title: 'Order shipped',
  body: 'It arrives on Tuesday.',
  url: '/orders/8812',
  priority: 'normal',
  ttl: '',
  collapseKey: '',
  data: '{ "order": 8812 }',
}

/** What is wrong with `data` as it stands; undefined where it is JSON, or empty. */
export function dataFault(text: string): string | undefined {
  if (text.trim() === '') return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What is wrong with `ttl` as it stands; undefined where it is a number of seconds, or empty. */
export function ttlFault(text: string): string | undefined {
  return /^\s*(-?\d+)?\s*$/.test(text) ? undefined : 'Whole seconds, like 60.'
}

/**
 * The body of the send. What is wrong but can be said goes out as it is: the service's answer to it is worth seeing.
 * `number` is put behind the title, to tell one of several from the others.
 */
export function bodyOf(draft: Draft, number?: number): Record<string, unknown> {
  const { target, to, data, ttl, ...rest } = draft
  const texts = Object.entries(rest).filter(([, text]) => text !== '')
  const title = number === undefined ? draft.title : `${draft.title} #${number}`.trim()
  return {
    to: targetOf(target, to),
    ...Object.fromEntries(texts),
    ...(title !== '' && { title }),
    ...(ttl.trim() !== '' && { ttl: Number.isNaN(Number(ttl)) ? ttl : Number(ttl) }),
    ...(data.trim() !== '' && { data: JSON.parse(data) as unknown }),
  }
}

function targetOf(target: TargetKind, to: string): Record<string, unknown> {
  switch (target) {
    case 'user':
    case 'topic':
      return { [target]: to }
    case 'users':
      return { users: namesIn(to) }
    case 'everyone':
      return { everyone: true }
  }
}

function namesIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** The field to which a violation points. */
export function fieldOf({ pointer }: Violation): string {
  return pointer.split('/')[1] ?? ''
}
