// `muster verify`, and a program of its own: `muster --run cli/verify/main.ts dossier.json --agreement FILE`. Whoever wants to audit what
// decides on a dossier reads what this file imports: core, the fast primitives, the group for public scalars, and nothing that reaches a database or a network.
import type { Group } from '@muster/core/oprf/group.ts'
import { secondsOf } from '@muster/core/bytes/time.ts'
import { kindOf } from '@muster/core/wire/brought.ts'
import { publicGroup } from '@muster/fast/public-group.ts'
import { EXIT, failureOf, failureText, fault, usage } from '../errors.ts'
import { languageOf } from '../language.ts'
import { now } from '../now.ts'
import type { Lang } from '../verb.ts'
import { bring, verifyBrought } from './files.ts'
import { reportJson, reportLines } from './report.ts'

export interface VerifyRequest {
  readonly dossier: string
  /** Where the keys come from; without it the best verdict is `consistent`. */
  readonly agreement: string | undefined
  /** Key records that the reader holds, whatever the file leaves out. */
  readonly records?: string | undefined
  readonly json: boolean
  readonly lang: Lang
  readonly out: (line: string) => void
}

/** Exit code: 0 proven, 1 consistent or refused. Throws a fault where a file cannot be read. What evidence needs is loaded where there is some. */
export async function verifyCommand({ dossier, agreement, records, json, lang, out }: VerifyRequest, group?: Group): Promise<number> {
  const brought = bring(dossier, agreement, records)
  const kind = 'verdict' in brought ? 'dossier' : kindOf(brought.bytes)
  if (!('verdict' in brought) && kind === 'evidence') {
    const { evidenceCommand } = await import('./evidence.ts')
    return evidenceCommand(brought, { json, lang, out })
  }
  if (!('verdict' in brought) && kind === 'correspondence') {
    const { correspondenceCommand } = await import('./correspondence.ts')
    return correspondenceCommand(group ?? await publicGroup(), brought, { json, lang, out })
  }
  if (!('verdict' in brought) && kind === 'watch') {
    const { watchCommand } = await import('./watch.ts')
    return watchCommand(brought, { json, lang, out }, secondsOf(now()))
  }
  if (!('verdict' in brought) && kind === 'case') {
    const { caseCommand } = await import('./case.ts')
    return caseCommand(brought, { json, lang, out }, secondsOf(now()))
  }
  if (!('verdict' in brought) && kind === 'aviation') {
    const { aviationCommand } = await import('./aviation.ts')
    return aviationCommand(brought, { json, lang, out })
  }
  const verification = verifyBrought(group ?? await publicGroup(), brought, secondsOf(now()))
  const [finding] = verification.findings
  if (finding?.code === 'dossier/unreadable' || finding?.code === 'agreement/unreadable') throw fault(finding.code, finding.message)
  if (json) out(JSON.stringify(reportJson(verification)))
  else for (const line of reportLines(verification, lang)) out(line)
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}

/** Process and arguments without an import of `node:process` and `node:util`: their getters take 22 ms of each process, which verifying need not wait for. */
async function main(words: readonly string[]): Promise<void> {
  const { env, stdout } = process
  const json = words.includes('--json')
  const lang = languageOf(undefined, env) ?? 'en'
  try {
    const { parseArgs } = process.getBuiltinModule('node:util')
    const { values, positionals } = parseArgs({ args: [...words], options: { agreement: { type: 'string' }, records: { type: 'string' }, json: { type: 'boolean' } }, allowPositionals: true })
    const [dossier] = positionals
    if (dossier === undefined || positionals.length > 1) throw usage('one dossier', 'cli/verify/main.ts dossier.json [--agreement FILE] [--records FILE] [--json]')
    process.exitCode = await verifyCommand({ dossier, agreement: values.agreement, records: values.records, json, lang, out: (line) => { stdout.write(`${line}\n`) } })
  } catch (thrown) {
    const failure = failureOf(thrown, lang)
    if (json) stdout.write(`${JSON.stringify({ error: { kind: failure.kind, code: failure.code, message: failure.message } })}\n`)
    process.stderr.write(`${failureText(failure, lang)}\n`)
    process.exitCode = failure.exit
  }
}

if (import.meta.main) await main(process.argv.slice(2))
