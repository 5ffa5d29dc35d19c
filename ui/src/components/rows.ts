/** Rows that were read again: those that say what they said before are the objects that they were. */
export function steadyRows<R extends object>(rows: readonly R[], before: readonly R[] | undefined, keyOf: (row: R) => string): R[] {
  const known = new Map(before?.map((row) => [keyOf(row), row]))
  return rows.map((row) => {
    const earlier = known.get(keyOf(row))
    return earlier !== undefined && JSON.stringify(earlier) === JSON.stringify(row) ? earlier : row
  })
}
