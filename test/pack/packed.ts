import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod/mini'
import { temporaryFolder } from '../harness.js'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MODULES = join(ROOT, 'node_modules')

/** What of a checkout was made later, and what building needs none of. */
const LEFT_OUT = ['node_modules', 'dist', 'data', '.git', 'test']

const Manifest = z.looseObject({
  version: z.string(),
  bin: z.object({ posthorn: z.string() }),
  exports: z.record(z.string(), z.unknown()),
  dependencies: z.record(z.string(), z.string()),
})

/** A program of `node_modules/.bin`. */
export const toolOf = (name: string): string => join(MODULES, '.bin', name)

/** Runs a program to its end; rejects, with what it has printed, where that is not 0. */
export async function run(
  file: string,
  words: string[],
  { cwd, home = cwd }: { cwd: string; home?: string },
): Promise<{ stdout: string; stderr: string }> {
  // npm keeps to a home of its own, and asks nobody for a newer npm.
  const npm = { HOME: home, npm_config_update_notifier: 'false' }
  const env = { PATH: process.env['PATH'], ...npm }
  return promisify(execFile)(file, words, { cwd, env, maxBuffer: 16_777_216 }).catch(
    (error: unknown) => {
      const printed = z.looseObject({ stdout: z.string(), stderr: z.string() }).parse(error)
      const said = `${printed.stdout}${printed.stderr}`
      throw new Error(`${[file, ...words].join(' ')} has failed:\n${said}`, { cause: error })
    },
  )
}

/** A checkout in which nothing was built yet; its dependencies are ours. */
export class Checkout {
  readonly #folder = temporaryFolder()
  readonly path = join(this.#folder.path, 'checkout')

  constructor() {
    const leftOut = new Set(LEFT_OUT.map((name) => join(ROOT, name)))
    cpSync(ROOT, this.path, { recursive: true, filter: (path) => !leftOut.has(path) })
    symlinkSync(MODULES, join(this.path, 'node_modules'))
  }

  npm(...words: string[]): Promise<{ stdout: string; stderr: string }> {
    return run('npm', words, { cwd: this.path, home: this.#folder.path })
  }

  /** The package as npm makes it, unpacked in a project of somebody else's who has its dependencies and nothing more. */
  async pack(): Promise<Packed> {
    const folder = this.#folder.path
    await this.npm('pack', '--pack-destination', folder)
    const [name, ...others] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    if (name === undefined || others.length > 0) throw new Error('npm has made no one package')
    const tarball = join(folder, name)
    await run('tar', ['-xzf', tarball], { cwd: folder })
    return new Packed(tarball, join(folder, 'package'), join(folder, 'project'))
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }
}

export class Packed {
  readonly tarball: string
  readonly project: string
  /** Where the package is installed in it. */
  readonly path: string
  readonly manifest: z.infer<typeof Manifest>

  constructor(tarball: string, unpacked: string, project: string) {
    this.tarball = tarball
    this.project = project
    const modules = join(project, 'node_modules')
    this.path = join(modules, 'posthorn')
    mkdirSync(modules, { recursive: true })
    renameSync(unpacked, this.path)
    this.manifest = Manifest.parse(JSON.parse(this.read('package.json')))
    for (const name of [...Object.keys(this.manifest.dependencies), '@types/node']) {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(join(MODULES, name), join(modules, name))
    }
  }

  /** Every file of the package, by its path in it. */
  get files(): string[] {
    return readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(this.path.length + sep.length))
      .toSorted()
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8')
  }
}
