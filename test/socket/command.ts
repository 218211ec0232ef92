/** A command as a client writes it. */
export const command = (type: string, payload?: unknown, id?: string): string =>
  JSON.stringify({
    type,
    ...(id !== undefined && { id }),
    ...(payload !== undefined && { payload }),
  })
