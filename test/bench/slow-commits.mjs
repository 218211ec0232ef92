// Read first by each thread of a service whose disk is to be slow: every COMMIT takes 5 ms more, in the thread that writes.

import Database from 'better-sqlite3'

const DELAY_MS = 5

// Called below with the database that it is asked of.
// oxlint-disable-next-line typescript/unbound-method
const { prepare } = Database.prototype
const nobody = new Int32Array(new SharedArrayBuffer(4))

Database.prototype.prepare = function prepareSlowly(sql) {
  const statement = prepare.call(this, sql)
  if (sql !== 'COMMIT') return statement
  const run = statement.run.bind(statement)
  statement.run = () => {
    Atomics.wait(nobody, 0, 0, DELAY_MS)
    return run()
  }
  return statement
}
