import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAble, run } from './able.js'

/** A file system of a few MiB in memory, mounted for a test: it can be filled, and freed again. */
export class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'posthorn-disk-'))

  constructor(mebibytes = 8) {
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'posthorn-test', this.path)
    } catch (error) {
      rmSync(this.path, { recursive: true })
      throw error
    }
  }

  get databasePath(): string {
    return join(this.path, 'posthorn.db')
  }

  /** Takes all that is free, as another program's file would. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path)
    appendFileSync(join(this.path, 'ballast'), Buffer.alloc(bavail * bsize))
  }

  /** Gives it back. */
  free(): void {
    rmSync(join(this.path, 'ballast'), { force: true })
  }

  /** Makes the file system larger, as an operator does. */
  grow(mebibytes: number): void {
    run('mount', '-o', `remount,size=${mebibytes}m`, this.path)
  }

  /** Lets nobody write to it, or everybody again; not while a file is open for writing. */
  remount(how: 'ro' | 'rw'): void {
    run('mount', '-o', `remount,${how}`, this.path)
  }

  [Symbol.dispose](): void {
    run('umount', '--lazy', this.path)
    rmSync(this.path, { recursive: true })
  }
}

/** Mounting takes the superuser. */
export const canMount = isAble('mount a tmpfs', () => new SmallDisk(1)[Symbol.dispose]())
