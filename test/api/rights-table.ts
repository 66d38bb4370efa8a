// docs/rights.md, made of the table of core/rules/rights.ts.
import { MAY_DO, MAY_SEE, ROLES, WITHIN_SCOPE, type Role, type Row } from '@muster/core/rules/rights.ts'
import { ACTS } from '@muster/registry/api/table.ts'

const people = (row: Row): string => {
  const two = ACTS.find(({ family, act }) => `${family}/${act}` === row)?.two
  return two === true ? 'two' : two === false || two === undefined ? 'one' : 'as it turns out'
}
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function lines(rows: Readonly<Record<Row, readonly Role[]>>, more: (row: Row) => readonly string[]): string[] {
  return Object.entries(rows).toSorted(([a], [b]) => a < b ? -1 : 1).map(([row, roles]) => line([`\`${row}\``, ...ROLES.map((role) => roles.includes(role) ? 'yes' : ''), WITHIN_SCOPE.includes(row) ? 'yes' : '', ...more(row)]))
}

/** The page's text. */
export function rightsTable(): string {
  const head = [...ROLES, 'keeper of a part']
  return `# Who may do what

Made from \`core/rules/rights.ts\`, the one table by which the server refuses and the console greys its buttons; held to it by a test, which asks a served
registry for every row under every role. What is not allowed here is refused with 403 and with who may do it. *Keeper of a part*: whether somebody whose rights are
narrowed to sites or units may do it, within them.

## Acts

The second person of an act needs the same right as the first.

${[line(['act', ...head, 'people']), line(Array.from({ length: head.length + 2 }, () => '---')), ...lines(MAY_DO, (row) => [people(row)])].join('\n')}

## What is looked at

${[line(['family, or a view of it', ...head]), line(Array.from({ length: head.length + 1 }, () => '---')), ...lines(MAY_SEE, () => [])].join('\n')}
`
}
