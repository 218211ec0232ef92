/** So near to the end is at the end, in pixels. */
const SLACK_PX = 24

/** Keeps the newest row of a list in sight, which is its last one, unless whoever reads has scrolled up from it. */
export class StickToEnd {
  #isStuck = true
  #top = 0

  /** For the list's own event `scroll`. */
  readonly scrolled = ({ currentTarget: list }: Event): void => {
    if (!(list instanceof Element)) return
    const { scrollTop, scrollHeight, clientHeight } = list
    if (scrollHeight - scrollTop - clientHeight < SLACK_PX) this.#isStuck = true
    // Rows that grow while they come into sight leave the list where it was: that is nobody's wish to stay there.
    else if (scrollTop < this.#top) this.#isStuck = false
    this.#top = scrollTop
  }

  /** After the rows have changed. */
  follow(list: Element | null): void {
    if (list && this.#isStuck) list.scrollTop = list.scrollHeight
  }
}
