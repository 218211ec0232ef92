/** So near to the end is at the end, in pixels. */
const SLACK_PX = 24

/** Keeps the newest row of a list in sight, which is its last one, unless whoever reads has scrolled up from it. */
export class StickToEnd {
  #isStuck = true
  /** Whether somebody reads a row, which must not be taken from under their eyes. */
  isHeld = false
  #top = 0

  /** For the list's own event `scroll`. */
  readonly scrolled = ({ currentTarget: list }: Event): void => {
    if (!(list instanceof Element)) return
    const { scrollTop, scrollHeight, clientHeight } = list
    if (scrollHeight - scrollTop - clientHeight < SLACK_PX) this.#isStuck = true
    // Only who reads moves it up; a list that grows taller, or shorter, does not mean it.
    else if (scrollTop < this.#top) this.#isStuck = false
    this.#top = scrollTop
  }

  /** After the rows have changed. */
  follow(list: Element | null): void {
    if (list && this.#isStuck && !this.isHeld) list.scrollTop = list.scrollHeight
  }
}
