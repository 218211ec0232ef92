import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'

const Words = z.array(z.string())

export interface Instruction {
  name: string
  /** All that follows the name, on one line. */
  text: string
}

/** A Dockerfile, in so far as ours uses the language: stages of instructions, without comments. */
export class Dockerfile {
  readonly stages: readonly (readonly Instruction[])[]

  constructor(path: string) {
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line !== '')
    const stages: Instruction[][] = []
    for (const line of lines) {
      const [, name = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
      if (name === 'FROM') stages.push([])
      stages.at(-1)?.push({ name, text })
    }
    this.stages = stages
  }

  /** What an instruction of a stage says, each time that it stands there. */
  all(stage: number, name: string): string[] {
    const instructions = this.stages.at(stage) ?? []
    return instructions.filter((each) => each.name === name).map(({ text }) => text)
  }

  /** What it says, where it must stand once. */
  one(stage: number, name: string): string {
    const [text, ...more] = this.all(stage, name)
    if (text === undefined || more.length > 0) throw new Error(`${name} must stand there once`)
    return text
  }

  /** The words of an instruction in its form that no shell reads. */
  words(stage: number, name: string): string[] {
    const text = this.one(stage, name)
    return Words.parse(JSON.parse(text.slice(text.indexOf('['))))
  }

  /** What a stage copies: the sources, without flags and the place where they go. */
  copied(stage: number): string[] {
    return this.all(stage, 'COPY').flatMap((text) =>
      text
        .split(' ')
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1),
    )
  }

  /** The environment that a stage sets. */
  environment(stage: number): Record<string, string> {
    const pairs = this.all(stage, 'ENV').flatMap((text) => text.split(' '))
    return Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.indexOf('=')
        return [pair.slice(0, at), pair.slice(at + 1)]
      }),
    )
  }
}
