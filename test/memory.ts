import { readFileSync } from 'node:fs'

/** Resident memory of a process in bytes, as Linux tells it; 0 elsewhere, where only the rest is tested. */
export function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return 0
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) * 1024
}

export const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
