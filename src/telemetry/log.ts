import { pino, type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { LineOutput } from './line-output.js'

export type Log = Logger

const STANDARD_OUTPUT = 1

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogOptions {
  level: LogLevel
  /** Lines for a person at a terminal, in place of JSON. */
  readable: boolean
}

/**
 * One JSON line an event on standard output: `time` (RFC 3339), `level`, `msg`, and what the event is about, as
 * `request`, `connection`, `user`. Whoever logs gives names and numbers, never tokens, queries or bodies.
 */
export function createLog({ level, readable }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  if (!readable) return pino(options, new LineOutput(STANDARD_OUTPUT))
  const terminal: DestinationStream = pretty({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    sync: true,
  })
  return pino(options, terminal)
}
