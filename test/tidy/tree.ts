// The repository as its own tests see it: files, and of each TypeScript file its imports, exports and functions.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const NOT_OURS = new Set(['node_modules', '.git', 'coverage', '.cache', 'dist'])
const TEXT = /\.(tsx?|js|json|md|sql|svg|html|css|yml|yaml|csv|txt)$|(^|\/)(run|LICENSE|NOTICE|\.gitignore|\.npmrc)$/
const BYTES_MAX = 4 * 1024 * 1024

/** `to` is a path in this tree, or the name of a package. `names` is undefined where the whole module is taken. */
export type Import = { readonly to: string, readonly inTree: boolean, readonly names: readonly string[] | undefined, readonly typeOnly: boolean, readonly dynamic: boolean }
export type Exported = { readonly name: string, readonly type: boolean }
export type Source = { readonly path: string, readonly text: string, readonly lines: number, readonly tree: ts.SourceFile, readonly imports: readonly Import[], readonly exports: readonly Exported[] }

function walk(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(dir, entry.name)
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(path)
    return entry.isFile() ? [path] : []
  })
}

/** Every file, as a path from the root with forward slashes. */
export const files: readonly string[] = walk('.').sort()
export const textFiles: readonly string[] = files.filter((path) => TEXT.test(path) && path !== 'package-lock.json' && statSync(join(root, path)).size <= BYTES_MAX)
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
export const exists = (path: string): boolean => existsSync(join(root, path))
export const isTest = (path: string): boolean => path.endsWith('.test.ts')
export const workspaceOf = (path: string): string => path.split('/')[0] ?? ''

function targetOf(from: string, specifier: string): Pick<Import, 'to' | 'inTree'> {
  if (specifier.startsWith('.')) return { to: posix.normalize(posix.join(dirname(from).split(sep).join('/'), specifier)), inTree: true }
  const own = /^@muster\/([^/]+)\/(.+)$/.exec(specifier)
  return own === null ? { to: specifier, inTree: false } : { to: `${own[1] ?? ''}/${own[2] ?? ''}`, inTree: true }
}

function namesOf(clause: ts.ImportClause | undefined): readonly string[] | undefined {
  if (clause === undefined) return []
  const bindings = clause.namedBindings
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) return undefined
  const named = bindings === undefined ? [] : bindings.elements.map((element) => (element.propertyName ?? element.name).text)
  return clause.name === undefined ? named : [...named, 'default']
}

/** `const { a, b } = await import('…')` takes two names; any other dynamic import takes the whole. */
function dynamicNames(call: ts.Node): readonly string[] | undefined {
  const declared = ts.isAwaitExpression(call.parent) && ts.isVariableDeclaration(call.parent.parent) ? call.parent.parent.name : undefined
  if (declared === undefined || !ts.isObjectBindingPattern(declared)) return undefined
  return declared.elements.flatMap((element) => {
    const name = element.propertyName ?? element.name
    return ts.isIdentifier(name) ? [name.text] : []
  })
}

/** Calls `visit` for a node and all below it. */
export function each(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => { each(child, visit) })
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = []
  each(tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      found.push({ ...targetOf(path, node.moduleSpecifier.text), names: namesOf(node.importClause), typeOnly, dynamic: false })
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
      const names = node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text) : undefined
      found.push({ ...targetOf(path, node.moduleSpecifier.text), names, typeOnly: node.isTypeOnly, dynamic: false })
    }
    const [argument] = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : []
    if (argument !== undefined && ts.isStringLiteralLike(argument)) found.push({ ...targetOf(path, argument.text), names: dynamicNames(node), typeOnly: false, dynamic: true })
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ ...targetOf(path, node.argument.literal.text), names: node.qualifier === undefined ? undefined : [node.qualifier.getText(tree).split('.')[0] ?? ''], typeOnly: true, dynamic: false })
    }
  })
  return found
}

function exportsOf(tree: ts.SourceFile): Exported[] {
  return tree.statements.flatMap((statement): Exported[] => {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)) {
      return statement.exportClause.elements.map((element) => ({ name: element.name.text, type: statement.isTypeOnly || element.isTypeOnly }))
    }
    if (ts.isExportAssignment(statement)) return [{ name: 'default', type: false }]
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : []
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [{ name: name.text, type: false }] : []))
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [{ name: statement.name.text, type: true }]
    const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) ? statement.name : undefined
    return named === undefined ? [{ name: 'default', type: false }] : [{ name: named.text, type: false }]
  })
}

/** Every TypeScript file, parsed. */
export const sources: readonly Source[] = files.filter((path) => /\.tsx?$/.test(path)).map((path) => {
  const text = read(path)
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true)
  return { path, text, tree, lines: text.split('\n').length - 1, imports: importsOf(path, tree), exports: exportsOf(tree) }
})

/** Where in a file a node begins: `path:line`. */
export function placeOf(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1}`
}

/** Lines that a node takes, first and last included. */
export function linesOf(source: Source, node: ts.Node): number {
  const lineAt = (position: number): number => source.tree.getLineAndCharacterOfPosition(position).line
  return lineAt(node.getEnd()) - lineAt(node.getStart(source.tree)) + 1
}

