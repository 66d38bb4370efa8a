// A dossier verified alone: one trace against eleven other parties, a batch of 16 each, q = 7 cosigners of every checkpoint. Processor time of a
// whole process, less that of a Node that is given nothing to do; beside it a process that only verifies as many signatures. As the launcher
// has it, each process takes what Node compiled before from a folder; one run that fills it is not counted.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { paper } from '../test/federation/paper.ts'
import { dossierOf } from '../test/federation/paper-trace.ts'
import { judge, median, SAMPLES, shortly, type BenchLimit, type BenchRow } from './row.ts'

const CHILD = join(import.meta.dirname, 'verify-child.ts')
const QUORUM = 7
const LIMIT: BenchLimit = { metric: 'processor ms beyond the start', op: '<=', value: 300 }

interface Signatures { readonly mldsa44: number, readonly ed25519: number }

/** Files of the dossier and its agreement, and how many signatures are verified in it. */
async function dossierFiles(folder: string): Promise<{ readonly dossier: string, readonly agreement: string, readonly bytes: number, readonly verified: Signatures }> {
  const group = await fastGroup()
  const federation = paper({ p: nodePrimitives, group, conduct: () => 'answers' })
  if (federation.agreement.quorum !== QUORUM) throw new Error(`a quorum of ${federation.agreement.quorum}, where ${QUORUM} is due`)
  const { bytes } = dossierOf(federation)
  const [dossier, agreement] = [join(folder, 'dossier.json'), join(folder, 'agreement.json')]
  writeFileSync(dossier, bytes)
  writeFileSync(agreement, federation.agreementBytes)
  // A signature that held is remembered and not verified again: each counts once.
  const seen = { mldsa44: new Set<string>(), ed25519: new Set<string>() }
  const counting: Primitives = {
    ...nodePrimitives,
    mldsa44Verify: (...words) => nodePrimitives.mldsa44Verify(...words) && seen.mldsa44.add(Buffer.from(words[2]).toString('latin1')).size > 0,
    ed25519Verify: (...words) => nodePrimitives.ed25519Verify(...words) && seen.ed25519.add(Buffer.from(words[2]).toString('latin1')).size > 0,
  }
  const { verdict, findings } = verifyDossier(counting, group, bytes, federation.agreementBytes)
  if (verdict !== 'proven') throw new Error(findings.map(({ message }) => message).join('\n'))
  return { dossier, agreement, bytes: bytes.length, verified: { mldsa44: seen.mldsa44.size, ed25519: seen.ed25519.size } }
}

const { NODE_DISABLE_COMPILE_CACHE: _, ...environment } = process.env

/** Processor milliseconds of one process, with the code that those before it compiled. */
function processor(compiled: string, ...words: readonly string[]): number {
  return Number(execFileSync(process.execPath, [CHILD, ...words], { encoding: 'utf8', env: { ...environment, NODE_COMPILE_CACHE: compiled } }))
}

const NOTHING = 'const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000))'

/** Processor milliseconds of a bare Node: no TypeScript, no module of ours, nothing to take from a folder. */
function bareStart(): number {
  const { NODE_COMPILE_CACHE: __, ...bare } = environment
  return Number(execFileSync(process.execPath, ['--eval', NOTHING], { encoding: 'utf8', env: bare }))
}

const row: BenchRow = {
  name: 'verify-dossier',
  claim: 'a dossier of one trace against 11 parties, a batch of 16 each, q = 7, verified by a process of its own',
  limit: [LIMIT],
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
    try {
      const { dossier, agreement, bytes, verified } = await dossierFiles(folder)
      const compiled = join(folder, 'compiled')
      const acts = {
        nothing: bareStart, loaded: () => processor(compiled, 'loaded'), verify: () => processor(compiled, 'verify', dossier, agreement),
        signatures: () => processor(compiled, 'signatures', String(verified.mldsa44), String(verified.ed25519)),
      }
      const first = acts.verify()
      acts.signatures()
      const rounds = Array.from({ length: SAMPLES }, () => ({ nothing: acts.nothing(), loaded: acts.loaded(), verify: acts.verify(), signatures: acts.signatures() }))
      const of = (what: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[what]))
      const samples = rounds.map((round) => round.verify - round.nothing)
      const measured = median(samples)
      return {
        name: row.name, unit: 'processor ms', median: measured, samples,
        peers: [{ name: `${verified.mldsa44} ML-DSA-44 and ${verified.ed25519} Ed25519 verifications, and nothing else`, median: of('signatures') - of('nothing') }],
        limits: [judge(LIMIT, measured)],
        notes: [
          `start of a bare Node ${shortly(of('nothing'))} ms; what verifying imports ${shortly(of('loaded') - of('nothing'))} ms of the figure, read from Node's compile cache as under the launcher (the first run, which fills it, ${shortly(first - of('nothing'))} ms, is not counted); dossier ${shortly(bytes)} bytes`,
        ],
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export default row
