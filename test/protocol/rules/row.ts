/** A rule of `src/protocol/README.md`, and the tests that hold it. */
export interface RuleRow {
  /** Its label, as it stands there. */
  rule: string
  says: string
  /** Files under `test`, and the exact names of tests in them. */
  tests: [file: string, ...names: string[]][]
}
