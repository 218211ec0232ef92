/** An attack, and the tests that try it. */
export interface AttackRow {
  /** A letter for its family and a number. */
  id: string
  /** What the attacker does. */
  attack: string
  /** Where it is described: RFC and section, OWASP, CWE. */
  source: string
  /** What happens then. */
  outcome: string
  /** Files under `test`, and the exact names of tests in them. */
  tests: [file: string, ...names: string[]][]
}
