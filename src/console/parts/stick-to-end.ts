/**
 * Keeps a list whose newest row is the last one at its end, unless whoever reads has scrolled away from it. `before` the rows
 * change it looks, `after` it moves.
 */
export class StickToEnd {
  #isAtEnd = true

  before(list: Element | null): void {
    if (list) this.#isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < SLACK_PX
  }

  after(list: Element | null): void {
    if (list && this.#isAtEnd) list.scrollTop = list.scrollHeight
  }
}

const SLACK_PX = 24
