/** As the store writes them: what has another form names nothing here, and is no value of PostgreSQL's type. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

export function isUuid(id: string): boolean {
  return UUID.test(id)
}
