import type { SendReceipt } from '../protocol/send.js'

/** 201 for what stands in the inboxes; 202 for what is yet to come, or is stored nowhere. */
export function statusOfReceipt({ status }: SendReceipt): 201 | 202 {
  return status === 'stored' ? 201 : 202
}
