import { LoadCommand, type AttackReport, type Listening, type RunReport } from './messages.js'

/** Says something to the process that started this one. */
export function tellParent(
  message: Listening | RunReport | AttackReport | { kind: 'ready' },
): void {
  // Without a channel there is nobody to hear it: the process was started by hand.
  process.send?.(message)
}

/** Ends this process with the one that started it, so that none is ever left behind. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit())
}

/** Serves a load process: prepares and runs whenever it is told to; what can't be run ends the process. */
export function serveRuns(
  run: (milliseconds: number) => Promise<RunReport | AttackReport>,
  prepare: () => Promise<void> = () => Promise.resolve(),
): void {
  endWithParent()
  const obey = async (command: LoadCommand): Promise<void> => {
    switch (command.kind) {
      case 'prepare':
        await prepare()
        return tellParent({ kind: 'ready' })
      case 'run':
        return tellParent(await run(command.milliseconds))
    }
  }
  process.on('message', (message) => {
    obey(LoadCommand.parse(message)).catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  })
  tellParent({ kind: 'ready' })
}

/** The one argument of this process, which is JSON. */
export function readArgument(): unknown {
  return JSON.parse(process.argv[2] ?? '')
}
