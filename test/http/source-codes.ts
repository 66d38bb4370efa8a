// The codes of refusals and breaches as the source has them: what is given to `new Refusal` and `new Breach`, the unions that doors declare, and those
// that every format has, spelled out by its door.
import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'

const ROOT = new URL('../../', import.meta.url)
const CODE = /^[a-z0-9-]+\/[a-z0-9-]+$/
const OF_DOOR: Readonly<Record<string, readonly string[]>> = {
  JsonCode: ['too-long', 'json', 'not-canonical', 'shape'], shapedJson: ['too-long', 'json', 'not-canonical', 'shape'], strictJson: ['too-long', 'json'], ShapeCode: ['shape'], shaped: ['shape'],
}

function textsIn(node: ts.Node): string[] {
  const below: string[] = []
  node.forEachChild((child) => { below.push(...textsIn(child)) })
  if (ts.isTemplateLiteralTypeNode(node)) return spelledOut(node)
  return ts.isStringLiteralLike(node) ? [node.text, ...below] : below
}

/** Every text of a type like `${'a' | 'b'}/c`. */
function spelledOut({ head, templateSpans }: ts.TemplateLiteralTypeNode): string[] {
  return templateSpans.reduce((texts, { type, literal }) => texts.flatMap((text) => textsIn(type).map((each) => text + each + literal.text)), [head.text])
}

function codesOf(node: ts.Node): string[] {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && ['Refusal', 'Breach'].includes(node.expression.text)) {
    return [...(node.arguments?.[0] === undefined ? [] : textsIn(node.arguments[0])), ...(node.typeArguments ?? []).flatMap(textsIn)].filter((text) => CODE.test(text))
  }
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && node.name.text === 'code') return textsIn(node.initializer).filter((text) => CODE.test(text))
  if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('Code')) return textsIn(node.type).filter((text) => CODE.test(text))
  const named = ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) ? { name: node.typeName.text, doors: (node.typeArguments ?? []).flatMap(textsIn) }
    : ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.arguments[0] !== undefined && ts.isStringLiteral(node.arguments[0]) ? { name: node.expression.text, doors: [node.arguments[0].text] }
    : undefined
  return named === undefined ? [] : (OF_DOOR[named.name] ?? []).flatMap((what) => named.doors.map((door) => `${door}/${what}`))
}

/** Each code with the file in which it was found first; the codes of faults are those of the union `FaultCode`. */
export function codesInSource(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const layer of ['core', 'fast', 'registry', 'cli']) {
    for (const path of readdirSync(new URL(`${layer}/`, ROOT), { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts') || path.endsWith('.test.ts') || path.includes('node_modules')) continue
      const source = ts.createSourceFile(path, readFileSync(new URL(`${layer}/${path}`, ROOT), 'utf8'), ts.ScriptTarget.Latest, true)
      const visit = (node: ts.Node): void => {
        const faults = ts.isTypeAliasDeclaration(node) && node.name.text === 'FaultCode' ? textsIn(node.type) : []
        for (const code of [...codesOf(node), ...faults]) if (!found.has(code)) found.set(code, `${layer}/${path}`)
        node.forEachChild(visit)
      }
      visit(source)
    }
  }
  return found
}
