// The demo as a stranger runs it, once, from its command to its last line; then everything that it promised is looked at from outside.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { systemClock } from '@muster/registry/main.ts'
import { verifyFiles } from '../../cli/verify/files.ts'
import { STATES } from '../demo/states.ts'
import { COMPONENTS } from '../demo/story.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIRST_FOUR = ['last-holder', 'not-received', 'still-held', 'destroyed']
const MEMBERS = ['mark', 'grade', 'outcome', 'lastHolder', 'present', 'absent', 'noDeclaration', 'refused', 'silent', 'unreachable', 'ms', 'dossier']

interface Trace {
  readonly mark: string, readonly grade: string | null, readonly outcome: string, readonly lastHolder: string | null, readonly present: number, readonly absent: number
  readonly noDeclaration: number, readonly refused: number, readonly silent: number, readonly unreachable: number, readonly ms: number, readonly dossier: string
}
interface Told {
  readonly parties: number, readonly items: number, readonly declarations: number, readonly recovered: number, readonly call: Readonly<Record<string, number>>, readonly cosigned: number, readonly reconciled: { readonly pairs: number, readonly differences: number }, readonly courier: number, readonly answering: Readonly<Record<string, number>>, readonly traces: readonly Trace[]
  readonly dossier: string, readonly agreement: string, readonly verified: boolean, readonly seconds: number
}

async function play(): Promise<{ readonly code: number | null, readonly out: string, readonly said: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/muster.js'), '--run', 'test/demo/main.ts', '--exit', '--json'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C', LC_ALL: 'C' } })
  const [out, said]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (piece: Buffer) => out.push(piece))
  child.stderr.on('data', (piece: Buffer) => said.push(piece))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out: Buffer.concat(out).toString('utf8'), said: Buffer.concat(said).toString('utf8') }
}

/** What a process was started with; nothing of one that has just ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

const { code, out, said } = await play()
const told = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Told
const folder = dirname(told.agreement)
after(() => { rmSync(folder, { recursive: true, force: true }) })

test('it ends by itself with exit 0 and one JSON object as its last line', () => {
  assert.equal(code, 0, said)
  assert.deepEqual(Object.keys(told), ['parties', 'items', 'declarations', 'recovered', 'call', 'cosigned', 'reconciled', 'courier', 'answering', 'traces', 'dossier', 'agreement', 'verified', 'seconds'])
  const { parties, items, declarations, recovered, verified, seconds } = told
  assert.deepEqual({ parties, declarations, recovered, verified }, { parties: 12, declarations: 10, recovered: 36, verified: true })
  assert.ok(items >= 22_000 && seconds > 0)
})

test('there is a trace for every component, and each ends as its story does', () => {
  assert.equal(told.traces.length, COMPONENTS.length)
  told.traces.forEach((trace, i) => {
    const component = COMPONENTS[i] as NonNullable<(typeof COMPONENTS)[number]>
    assert.deepEqual(Object.keys(trace), MEMBERS)
    assert.equal(trace.mark, component.read)
    assert.equal(trace.outcome, component.expected, trace.mark)
    assert.equal(trace.lastHolder, component.holder, trace.mark)
    assert.equal(trace.lastHolder !== null, FIRST_FOUR.includes(trace.outcome), trace.mark)
  })
})

test('the six counts of a trace add up to twelve, the own registry included', () => {
  for (const { mark, present, absent, noDeclaration, refused, silent, unreachable } of told.traces) assert.equal(present + absent + noDeclaration + refused + silent + unreachable, 12, mark)
})

test('in every readable trace one state has not declared, one is silent, and ten answered', () => {
  for (const { mark, outcome, present, absent, noDeclaration, silent } of told.traces.filter((trace) => trace.outcome !== 'unreadable')) {
    assert.deepEqual({ answered: present + absent, noDeclaration, silent }, { answered: 10, noDeclaration: 1, silent: 1 }, `${mark} ${outcome}`)
  }
})

test('the call to count is answered by ten, declined by one with its reason, and left by the silent one', () => {
  assert.deepEqual(told.call, { addressed: 12, answered: 10, declined: 1, silent: 1 })
  assert.equal(told.cosigned, 10)
  assert.match(said, /QY Ylvane +declines: national-security/)
  assert.match(said, /QZ Zephra +SILENT/)
  assert.equal(said.match(/ +as declared$/gm)?.length, 9)
  assert.match(said, /QM Meridia +counted +.* \+36$/m)
})

test('reconciling finds the item that one state released and the other never declared, before its weapon is traced', () => {
  assert.deepEqual(told.reconciled, { pairs: 2, differences: 1 })
})

test('a request that comes at night finds the deputy and is sent on; officers of one state take up, ask back, decide, refuse and see a request withdrawn, another goes and looks, and where the quota is spent both sides grant more', () => {
  const { granted, decided, ...once } = told.answering as { granted: number, decided: number }
  assert.deepEqual(once, { deputies: 1, rerouted: 1, clarified: 1, interim: 1, looked: 1, refused: 1, withdrawn: 1 })
  assert.ok(granted >= 2 && decided >= 2, `${granted} ${decided}`)
})

test('two states without a line between them have read and cosigned each other\'s declarations by three files, which only their receivers can open', () => {
  assert.equal(told.courier, 3)
  const files = readdirSync(folder).filter((name) => name.startsWith('courier-'))
  assert.equal(files.length, 3)
  for (const name of files) assert.match(readFileSync(join(folder, name), 'latin1'), /^age-encryption\.org\/v1\n-> mlkem768x25519 /)
})

test('every dossier is a file that an outsider with the agreement finds proven, and a changed byte is refused', async () => {
  const group = await fastGroup()
  assert.ok(isAbsolute(told.agreement) && isAbsolute(told.dossier))
  assert.equal(told.dossier, told.traces.find(({ outcome }) => outcome === 'last-holder')?.dossier)
  for (const { mark, outcome, dossier } of told.traces) {
    assert.ok(isAbsolute(dossier), dossier)
    const verification = verifyFiles(group, dossier, told.agreement, systemClock())
    assert.equal(verification.verdict, 'proven', `${mark}: ${JSON.stringify(verification.findings)}`)
    assert.equal(verification.verdict === 'proven' ? verification.assessment.conclusion.outcome : undefined, outcome, mark)
  }
  const bytes = readFileSync(told.dossier)
  const changed = join(folder, 'changed.json')
  for (const at of [1, bytes.length >> 1, bytes.length - 2]) {
    writeFileSync(changed, bytes.with(at, (bytes[at] as number) ^ 1))
    assert.equal(verifyFiles(group, changed, told.agreement, systemClock()).verdict, 'refused', `byte ${at}`)
  }
})

test('the silent party is named beside what nobody declared', () => {
  for (const { dossier } of told.traces.filter(({ outcome }) => outcome === 'absent')) {
    const { conclusion } = JSON.parse(readFileSync(dossier, 'utf8')) as { readonly conclusion: { readonly silent: readonly string[] } }
    assert.deepEqual(conclusion.silent, ['QZ'])
  }
})

test('nothing but states of the exercise is named, and every line, sheet, agreement and dossier says EXERCISE', () => {
  for (const line of said.trimEnd().split('\n')) assert.match(line, /^EXERCISE/)
  const codes = new Set(STATES.map(({ party }) => party as string))
  const agreement = JSON.parse(readFileSync(told.agreement, 'utf8')) as { readonly exercise: boolean, readonly parties: readonly { readonly id: string }[], readonly title: { readonly en: string } }
  assert.ok(agreement.exercise && agreement.title.en.startsWith('EXERCISE') && agreement.parties.every(({ id }) => codes.has(id)))
  for (const { dossier } of told.traces) {
    const { exercise, asker, parties } = JSON.parse(readFileSync(dossier, 'utf8')) as { readonly exercise: boolean, readonly asker: string, readonly parties: readonly { readonly party: string }[] }
    assert.ok(exercise && codes.has(asker) && parties.every(({ party }) => codes.has(party)))
  }
  for (const name of readdirSync(join(folder, 'sheets'))) {
    const bytes = readFileSync(join(folder, 'sheets', name))
    assert.ok(bytes.includes('EXERCISE') || bytes.includes(Buffer.from('EXERCISE', 'utf16le')), name)
  }
})

test('all processes have ended, and the files have stayed', () => {
  const commands = existsSync('/proc/self/cmdline') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(commandOf) : []
  assert.deepEqual(commands.filter((command) => command.includes(folder)), [])
  for (const { party } of STATES) {
    assert.ok(existsSync(join(folder, party, 'muster.json')), party)
    assert.ok(!existsSync(join(folder, party, 'serve.json')), party)
  }
})
