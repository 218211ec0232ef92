/** Most items of a page that the service gives. */
export const PAGE_SIZE = 100

export interface Page<Item> {
  items: Item[]
  nextPage: string | null
}

/** The items of a list, page after page; the next is asked for when the one before is used up. */
export async function* itemsOf<Item>(
  ask: (page: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let next: string | undefined
  do {
    const { items, nextPage } = await ask(next)
    yield* items
    next = nextPage ?? undefined
  } while (next !== undefined)
}
