import { Observable } from './observable.js'

/** Tells of each second, while somebody watches: for what counts down. */
class Seconds extends Observable {
  #timer: ReturnType<typeof setInterval> | undefined
  #watching = 0

  override watch(watcher: () => void): () => void {
    const end = super.watch(watcher)
    this.#watching++
    this.#timer ??= setInterval(() => this.changed(), 1000)
    return () => {
      end()
      this.#watching--
      if (this.#watching > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}

export const seconds = new Seconds()
