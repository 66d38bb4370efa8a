// The tree about itself: what may import what, what core may name, how long things grow, what documents say of it.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { COMMON } from '../cli/help.ts'
import { loadVerb, verbNames } from '../cli/verbs.ts'
import { AWAITED, BANNED_WORDS, DEAD_EXPORTS, ENVIRONMENT, LONG_FILES, LONG_FUNCTIONS, type Exceptions } from './tidy/exceptions.ts'
import { codeOf, documents, linksOf, plain, rowsOf, sectionOf, sentencesOf } from './tidy/markdown.ts'
import { each, exists, files, isTest, linesOf, placeOf, read, root, sources, textFiles, workspaceOf, type Exported, type Source } from './tidy/tree.ts'

const FILE_LINES_MAX = 400
const TEST_LINES_MAX = 600
const FUNCTION_LINES_MAX = 70

/** Nothing is wrong; where something is, all of it is told at once. */
function none(found: readonly string[]): void {
  assert.equal(found.length, 0, `\n  ${found.join('\n  ')}`)
}

/** What is not excepted, and exceptions that except nothing. */
function beyond(found: ReadonlyMap<string, string>, exceptions: Exceptions): string[] {
  const stale = Object.keys(exceptions).filter((key) => !key.includes('*') && !found.has(key)).map((key) => `${key}: excepted, but there is nothing to except`)
  return [...[...found].filter(([key]) => !Object.hasOwn(exceptions, key)).map(([, told]) => told), ...stale]
}

// --- what may import what

const CORE_ORDER = ['bytes', 'oprf', 'proof', 'rules', 'wire', 'words']
/** Workspaces that a workspace may import. Tests beside the code may import anything but the command line. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['core'], fast: ['core', 'fast'], registry: ['core', 'fast', 'registry'], cli: ['core', 'fast', 'registry', 'cli'], web: ['core', 'web'],
  test: ['core', 'fast', 'registry', 'cli', 'web', 'test', 'bench'], bench: ['core', 'fast', 'registry', 'cli', 'bench', 'test'],
}
/** Folders of the registry that never import one another, and the ones below them, which import none of them. */
const APART = ['log', 'peer', 'http']
const BELOW = ['engine', 'sql', 'store', 'intake']

test('core\'s folders import only what stands before them: bytes, oprf, proof, rules, wire, words', () => {
  none(sources.filter(({ path }) => path.startsWith('core/') && !isTest(path)).flatMap(({ path, imports }) => {
    const place = CORE_ORDER.indexOf(path.split('/')[1] ?? '')
    if (place < 0) return [`${path}: lies in no folder of core`]
    return imports.filter(({ to, inTree }) => inTree && CORE_ORDER.indexOf(to.split('/')[1] ?? '') > place).map(({ to }) => `${path} imports ${to}`)
  }))
})

test('core imports the noble packages and nothing else from outside', () => {
  none(sources.filter(({ path }) => path.startsWith('core/') && !isTest(path)).flatMap(({ path, imports }) =>
    imports.filter(({ to, inTree, dynamic }) => dynamic || (!inTree && !to.startsWith('@noble/'))).map(({ to }) => `${path} imports ${to}`)))
})

test('workspaces import only what they rest on, and nothing but tests and benches imports the command line', () => {
  none(sources.flatMap(({ path, imports }) => {
    const allowed = isTest(path) ? ['core', 'fast', 'registry', 'test', workspaceOf(path), ...(workspaceOf(path) === 'test' ? ['cli', 'web', 'bench'] : [])] : MAY_IMPORT[workspaceOf(path)]
    if (allowed === undefined) return [`${path}: lies in no workspace`]
    return imports.filter(({ to, inTree }) => inTree && !allowed.includes(workspaceOf(to))).map(({ to }) => `${path} imports ${to}`)
  }))
})

test('in the registry log, peer and http never import one another, and what lies below imports none of them', () => {
  none(sources.filter(({ path }) => path.startsWith('registry/') && !isTest(path)).flatMap(({ path, imports }) => {
    const from = path.split('/')[1] ?? ''
    const banned = APART.includes(from) ? [...APART.filter((folder) => folder !== from), 'main.ts'] : BELOW.includes(from) || from === 'evaluator' ? [...APART, 'main.ts'] : []
    return imports.filter(({ to, inTree }) => inTree && to.startsWith('registry/') && banned.includes(to.split('/')[1] ?? '')).map(({ to }) => `${path} imports ${to}`)
  }))
})

test('imports within the tree name files that exist', () => {
  none(sources.flatMap(({ path, imports }) => imports.filter(({ to, inTree }) => inTree && !files.includes(to)).map(({ to }) => `${path} imports ${to}`)))
})

test('no files import one another in a ring', () => {
  const next = new Map(sources.map(({ path, imports }) => [path, imports.filter(({ inTree, typeOnly, dynamic }) => inTree && !typeOnly && !dynamic).map(({ to }) => to)]))
  const done = new Set<string>()
  const rings: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) rings.push([...way.slice(way.indexOf(path)), path].join(' → '))
    if (done.has(path) || way.includes(path)) return
    for (const to of next.get(path) ?? []) visit(to, [...way, path])
    done.add(path)
  }
  for (const path of next.keys()) visit(path, [])
  none(rings)
})

// --- purity

/** Names of machine, clock, chance and locale. Core takes what it needs of them as arguments. */
const IMPURE = new Set([
  'Date', 'process', 'console', 'Buffer', 'TextEncoder', 'TextDecoder', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'crypto',
  'globalThis', 'navigator', 'Intl', 'require', 'eval', 'Function', 'structuredClone', 'atob', 'btoa', 'URL', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics',
])
/** Members whose result depends on chance, on the locale, or on the Unicode tables of the runtime. */
const IMPURE_MEMBER = new Set([
  'random', 'normalize', 'localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase', 'toLocaleDateString', 'toLocaleTimeString',
])

/** Whether an identifier reads a name of the surroundings, rather than being a member, a key or a declaration. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false
  if ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isBindingElement(parent)) && parent.name === node) return false
  return !ts.isTypeReferenceNode(parent)
}

test('core names no clock, chance, locale, machine, network or environment', () => {
  none(sources.filter(({ path }) => path.startsWith('core/') && !isTest(path)).flatMap((source) => {
    const found: string[] = []
    each(source.tree, (node) => {
      if (ts.isIdentifier(node) && IMPURE.has(node.text) && isFree(node)) found.push(`${placeOf(source, node)} names ${node.text}`)
      const member = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : ''
      if (IMPURE_MEMBER.has(member)) found.push(`${placeOf(source, node)} takes .${member}`)
      if (ts.isMetaProperty(node)) found.push(`${placeOf(source, node)} asks where it lies (import.meta)`)
    })
    return found
  }))
})

test('only main.ts, tests and benches read the environment', () => {
  const found = new Map<string, string>()
  for (const source of sources) {
    if (isTest(source.path) || ['test', 'bench'].includes(workspaceOf(source.path)) || source.path.endsWith('/main.ts')) continue
    each(source.tree, (node) => {
      const reads = (ts.isPropertyAccessExpression(node) && node.name.text === 'env' && node.expression.getText(source.tree).endsWith('process'))
        || (ts.isImportDeclaration(node) && /['"](node:)?process['"]/.test(node.moduleSpecifier.getText(source.tree)) && /\benv\b/.test(node.getText(source.tree)))
      if (reads) found.set(source.path, `${placeOf(source, node)} reads the environment`)
    })
  }
  none(beyond(found, ENVIRONMENT))
})

// --- size and names

test('no file is longer than its limit', () => {
  const long = sources.filter(({ path, lines }) => lines > (isTest(path) ? TEST_LINES_MAX : FILE_LINES_MAX))
  none(beyond(new Map(long.map(({ path, lines }) => [path, `${path}: ${lines} lines`])), LONG_FILES))
})

function nameOf(node: ts.Node): string {
  const named = (node as { readonly name?: ts.Node }).name ?? (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined)
  return named !== undefined && ts.isIdentifier(named) ? named.text : 'nameless'
}

test('no function is longer than its limit', () => {
  const long = new Map<string, string>()
  for (const source of sources) {
    each(source.tree, (node) => {
      if (!ts.isFunctionLike(node) || linesOf(source, node) <= FUNCTION_LINES_MAX) return
      const describes = ts.isCallExpression(node.parent) && /^(describe|suite)\b/.test(node.parent.expression.getText(source.tree))
      if (!describes) long.set(`${source.path}#${nameOf(node)}`, `${placeOf(source, node)} ${nameOf(node)}: ${linesOf(source, node)} lines`)
    })
  }
  none(beyond(long, LONG_FUNCTIONS))
})

test('no file bears a name that says nothing', () => {
  none(files.filter((path) => path.split('/').some((part) => /(^|[-_.])(utils?|helpers?|common|managers?|types|services?|misc|stuff)([-_.]|$)/i.test(part))))
})

// --- dead exports

function takenBy(which: (path: string) => boolean): Set<string> {
  const taken = new Set<string>()
  for (const { path, imports } of sources) {
    if (!which(path)) continue
    for (const { to, names } of imports) for (const name of names ?? sources.find((source) => source.path === to)?.exports.map((exported) => exported.name) ?? []) taken.add(`${to}#${name}`)
  }
  return taken
}

/** A type or a named limit that its own file uses may be exported for those who read a signature or a bound; a function may not. */
const speaksInItsFile = ({ text }: Source, { name, type }: Exported): boolean =>
  (type || /^[A-Z][A-Z0-9_]*$/.test(name)) && (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1

test('every export is imported somewhere', () => {
  const taken = takenBy(() => true)
  const dead = sources.filter(({ path }) => !isTest(path)).flatMap((source) => source.exports
    .filter((exported) => !taken.has(`${source.path}#${exported.name}`) && !speaksInItsFile(source, exported))
    .map(({ name }): [string, string] => [`${source.path}#${name}`, `${source.path} exports ${name}, which nothing imports`]))
  const open = dead.filter(([key]) => !Object.keys(DEAD_EXPORTS).some((pattern) => pattern.includes('*') && posix.matchesGlob(key, pattern)))
  none(beyond(new Map(open), DEAD_EXPORTS))
})

test('exports that only tests import are counted', (context) => {
  const taken = takenBy((path) => !isTest(path) && workspaceOf(path) !== 'test')
  const tested = takenBy((path) => isTest(path) || workspaceOf(path) === 'test')
  const only = sources.filter(({ path }) => !isTest(path) && workspaceOf(path) !== 'test').flatMap((source) =>
    source.exports.map(({ name }) => `${source.path}#${name}`).filter((key) => tested.has(key) && !taken.has(key)))
  context.diagnostic(`${only.length} exports are imported by tests alone: ${only.join(' ')}`)
})

// --- words

test('the tree names no machine, no unfinished work and nobody\'s tools', () => {
  const place = new RegExp(['/wo', 'rk/|sub', 'agent|DEVEL', 'OPERS\\.md|/t', 'mp/[a-z]'].join(''))
  const unfinished = new RegExp(`\\b(${['TO', 'DO|FIX', 'ME|X', 'XX'].join('')})\\b`)
  const found = new Map<string, string>()
  for (const path of textFiles) {
    for (const [index, line] of read(path).split('\n').entries()) {
      const word = place.exec(line)?.[0] ?? (path.includes('/vectors/') ? undefined : unfinished.exec(line)?.[0])
      if (word !== undefined) found.set(path, `${path}:${index + 1}: ${word}`)
    }
  }
  none(beyond(found, BANNED_WORDS))
})

test('no test is switched off without a reason', () => {
  none(sources.filter(({ path }) => isTest(path)).flatMap(({ path, text }) => text.split('\n').flatMap((line, index) =>
    (/\b(test|it|describe|suite)\.(skip|only|todo)\b|\bskip: true\b|\b(only|todo): true\b/.test(line) ? [`${path}:${index + 1}`] : []))))
})

// --- documents

const PLACE = /^(?:\.\/)?((?:core|fast|registry|cli|test|bench|spec|docs|examples|record|\.ci)\/[\w./-]*|(?:README|CONTRIBUTING|SECURITY|LICENSE|NOTICE)(?:\.md)?|package\.json|tsconfig\.json)$/
const isAwaited = (name: string): boolean => Object.hasOwn(AWAITED, name)

test('every path that a document names exists', () => {
  none(documents.flatMap(codeOf).flatMap(({ document, line, text }) => text.split(/[\s,;:()›"“”]+/).flatMap((word) => {
    const path = PLACE.exec(word)?.[1]
    return path === undefined || exists(path) || isAwaited(path) ? [] : [`${document}:${line}: ${path}`]
  })))
})

test('every link of a document leads to a file', () => {
  none(documents.flatMap(linksOf).filter(({ document, text }) => !exists(posix.join(posix.dirname(document), text))).map(({ document, line, text }) => `${document}:${line}: ${text}`))
})

/** The command lines of a document, cut where a shell would start another. */
function commandsOf(program: RegExp): { at: string, words: string[] }[] {
  return documents.flatMap(codeOf).flatMap(({ document, line, text }) => text.split(/&&|\|\||[;|#]/).flatMap((part) => {
    const words = part.trim().replace(/^\$ /, '').replace(/^(npx |[A-Z_]+=\S+ )+/, '').split(/\s+/)
    return program.test(words[0] ?? '') && words.length > 1 ? [{ at: `${document}:${line}`, words: words.slice(1) }] : []
  }))
}

test('every muster command that a document shows has its verb and its options', async () => {
  const verbs = new Map(await Promise.all(verbNames().map(async (name) => [name, await loadVerb(name, 'en')] as const)))
  none(commandsOf(/^muster$/).flatMap(({ at, words: [name = '', ...rest] }) => {
    if (!/^[a-z]+$/.test(name) || name === 'help' || isAwaited(`muster ${name}`)) return []
    const verb = verbs.get(name)
    if (verb === undefined) return [`${at}: muster ${name}`]
    return rest.flatMap((word) => /^--([a-z-]+)/.exec(word)?.slice(1) ?? []).filter((option) => !Object.hasOwn(verb.options, option) && !Object.hasOwn(COMMON, option)).map((option) => `${at}: muster ${name} --${option}`)
  }))
})

test('every npm command that a document shows is one of npm or a script, and scripts name files that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
  none([
    ...commandsOf(/^npm$/).flatMap(({ at, words: [verb = '', name = ''] }) => {
      if (['ci', 'install', 'exec'].includes(verb)) return []
      const script = verb === 'run' ? name : verb
      return Object.hasOwn(scripts, script) ? [] : [`${at}: npm ${verb} ${name}`]
    }),
    ...Object.entries(scripts).flatMap(([name, line]) => line.split(' ').filter((word) => /\.(ts|js)$/.test(word) && !exists(word) && !isAwaited(word)).map((word) => `package.json, ${name}: ${word}`)),
  ])
})

test('every package that is installed has its paragraph in docs/dependencies.md, and none is told that is not installed', () => {
  const installed = files.filter((path) => /^([a-z]+\/)?package\.json$/.test(path)).flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(path)) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter((name) => !name.startsWith('@muster/'))
  })
  const told = rowsOf('docs/dependencies.md').flatMap(([names = '']) => [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''))
  const isTold = (name: string): boolean => told.some((each) => each === name || (each.endsWith('/*') && name.startsWith(each.slice(0, -1))))
  none([
    ...installed.filter((name) => !isTold(name)).map((name) => `${name}: installed, not told`),
    ...told.filter((each) => !installed.some((name) => name === each || (each.endsWith('/*') && name.startsWith(each.slice(0, -1))))).map((each) => `${each}: told, not installed`),
  ])
})

test('nothing is awaited that is there', async () => {
  const names = verbNames()
  none(Object.keys(AWAITED).filter((name) => (name.startsWith('muster ') ? names.includes(name.slice('muster '.length)) : exists(name))).map((name) => `${name}: has come, take it off the list`))
})

test('every page of spec has vectors, valid and invalid', () => {
  const pages = files.filter((path) => /^spec\/[a-z-]+\.md$/.test(path)).map((path) => path.slice('spec/'.length, -'.md'.length))
  // A page whose vectors lie with others names their folders.
  const foldersOf = (page: string) => [...new Set([...read(`spec/${page}.md`).matchAll(/\bvectors\/([a-z-]+)/g)].map((match) => match[1] ?? ''))]
  none(pages.flatMap((page) => (exists(`spec/vectors/${page}`) || foldersOf(page).length === 0 ? [page] : foldersOf(page)).flatMap((folder) =>
    ['valid', 'invalid'].filter((kind) => !exists(`spec/vectors/${folder}/${kind}`) || readdirSync(join(root, 'spec/vectors', folder, kind)).length === 0)
      .map((kind) => `spec/${page}.md: no spec/vectors/${folder}/${kind}`))))
})

// --- promises

test('every sentence of the README that promises something has its row in docs/claims.md', () => {
  const claimed = new Set(rowsOf('docs/claims.md').map(([sentence = '']) => plain(sentence)))
  const sentences = ['What it does', 'What it promises'].flatMap((title) => {
    const found = sentencesOf(sectionOf('README.md', title))
    return found.length > 0 ? found : [`the section "${title}" itself`]
  })
  none(sentences.filter((sentence) => !claimed.has(sentence)))
})

test('every row of docs/claims.md stands in the README and names a test or bench that exists under that name', () => {
  const readme = plain(read('README.md'))
  none(rowsOf('docs/claims.md').flatMap(([sentence = '', proof = '', figure = '']) => {
    const told = `docs/claims.md: ${plain(sentence).slice(0, 60)}…`
    const named = [...proof.matchAll(/`([^`]+)` “([^”]+)”/g)]
    if (!readme.includes(plain(sentence))) return [`${told}: not in the README`]
    if (named.length === 0) return [`${told}: names no test (\`path\` “name”)`]
    if (figure === '') return [`${told}: no last figure, not even “–”`]
    return named.flatMap(([, path = '', name = '']) => (isAwaited(path) || (exists(path) && read(path).replaceAll('\\\'', '\'').includes(name)) ? [] : [`${told}: ${path} “${name}”`]))
  }))
})

test('every test that a page of docs names is there under that name', () => {
  none(['docs/hostile.md', 'docs/reading.md'].flatMap((page) => [...read(page).matchAll(/`([^`]+\.test\.ts)` “([^”]+)”/g)]
    .flatMap(([, path = '', name = '']) => (exists(path) && read(path).replaceAll('\\\'', '\'').includes(name) ? [] : [`${page}: ${path} “${name}”`]))))
})
