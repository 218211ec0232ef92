import type { SendCommand, ServiceName } from '../../inbox/store.js'

/** What stands for it, and for itself: a noncharacter, which no text needs (Unicode §23.7). */
const ESCAPE = '\uFFFE'

/**
 * A text as PostgreSQL can hold it: its `text` takes every character but U+0000, which collapse keys, idempotency keys and services'
 * names may have. Two texts that differ stay different; what has neither character stays as it is.
 */
export function storable(text: string): string {
  return text.replaceAll(/[\0\uFFFE]/g, (character) =>
    character === '\0' ? `${ESCAPE}0` : `${ESCAPE}1`,
  )
}

/** The text of which `storable` made this. */
export function original(stored: string): string {
  return stored.replaceAll(/\uFFFE[01]/g, (pair) => (pair === `${ESCAPE}0` ? '\0' : ESCAPE))
}

export function storableService({ issuer, subject }: ServiceName): ServiceName {
  return { issuer: storable(issuer), subject: storable(subject) }
}

/** A send as it is held and looked for; its content is JSON, which writes U+0000 in its own way. */
export function storableSend({
  sender,
  collapseKey,
  idempotency,
  ...command
}: SendCommand): SendCommand {
  return {
    ...command,
    sender: storableService(sender),
    collapseKey: collapseKey === undefined ? undefined : storable(collapseKey),
    idempotency: idempotency && { ...idempotency, key: storable(idempotency.key) },
  }
}
