/**
 * JSON with the fields of every object in code-unit order, so that equal values have equal texts (as RFC 8785 §3.2.3
 * sorts them). Recursive: the value's depth is bounded where it is parsed.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  // Pairs, since `__proto__`, in JSON a name like any other, would vanish from an object; in a wrapper, since an array
  // of pairs is not the object that they make.
  const fields = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, sorted(field)])
  return { fields }
}
