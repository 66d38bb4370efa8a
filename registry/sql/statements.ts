// A file of SQL as its single statements: Citus refuses two that define in one string.

/** Comments, quoted texts and names, dollar-quoted bodies, the end of a statement, and a lone quote that opens what never closes. */
const PIECE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|;|'|"|\/\*/g

/** The statements in order, without comments and closing semicolons. Throws a RangeError where a quote or comment never ends. */
export function statementsOf(sql: string): string[] {
  const statements: string[] = []
  let current = ''
  let at = 0
  for (const match of sql.matchAll(PIECE)) {
    const piece = match[0]
    if (piece === "'" || piece === '"' || piece === '/*') {
      throw new RangeError(`line ${sql.slice(0, match.index).split('\n').length}: ${piece} opens what never ends`)
    }
    current += sql.slice(at, match.index)
    at = match.index + piece.length
    if (piece === ';') {
      statements.push(current.trim())
      current = ''
    } else current += piece.startsWith('--') || piece.startsWith('/*') ? ' ' : piece
  }
  statements.push((current + sql.slice(at)).trim())
  return statements.filter((statement) => statement !== '')
}

/** A statement in lower case with every quoted text emptied, for rules about its words. */
export function wordsOf(statement: string): string {
  return statement.replace(PIECE, (piece) => (piece.startsWith("'") || piece.startsWith('$') ? "''" : piece)).replace(/\s+/g, ' ').toLowerCase()
}
