// `muster witness`: witnesses from outside the agreement that are shown the own log; what they cosign is kept and shown, and counts for no quorum.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { timestampOf } from '@muster/core/proof/cosignature.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { ED25519_COSIGNATURE } from '@muster/core/proof/vkey.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { logFolder } from '@muster/registry/log/own-log.ts'
import type { Home } from '@muster/registry/main.ts'
import { collectForeign } from '@muster/registry/sequencing.ts'
import { addForeignWitness, foreignWitnesses, removeForeignWitness } from '@muster/registry/store/foreign-witnesses.ts'
import { usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import type { Context, Verb } from '../verb.ts'

async function add(context: Context, home: Home): Promise<number> {
  const [, url, vkey] = context.args.positionals
  if (url === undefined || vkey === undefined) throw usage('muster witness add URL VKEY --dir D')
  const { key } = await addForeignWitness(home.register.dataDir, url, vkey)
  if (context.json) context.answer({ witness: key.name, type: key.type })
  else context.out(context.say({
    en: `${key.name} is shown each checkpoint from now on. It has to know the keys of your logs: muster agreement policy ID. It counts for no quorum.`,
    ru: `${key.name} будет получать каждую контрольную точку. Ей нужны ключи ваших журналов: muster agreement policy ID. В кворум она не входит.`,
  }))
  return 0
}

async function remove(context: Context, home: Home): Promise<number> {
  const name = context.args.positionals[1]
  if (name === undefined) throw usage('muster witness remove NAME --dir D')
  const removed = await removeForeignWitness(home.register.dataDir, name)
  if (context.json) context.answer({ witness: name, removed })
  else context.out(context.say({ en: `${name} is asked no more. What it cosigned stays.`, ru: `${name} больше не запрашивается. Заверенное ею остаётся.` }))
  return 0
}

interface Shown { readonly agreement: string, readonly witness: string, readonly algorithm: string, readonly size: number, readonly cosigned: string | null }

/** Each witness with the newest own checkpoint of each agreement, and when it cosigned that. */
async function shownIn({ register, halls }: Home): Promise<Shown[]> {
  const witnesses = await foreignWitnesses(register.dataDir)
  const rows: Shown[] = []
  for (const { log, joined: { agreement } } of halls.values()) {
    const note = await readFile(join(logFolder(log), 'checkpoint'), 'utf8').catch(() => undefined)
    const { text, signatures } = note === undefined ? { text: undefined, signatures: [] } : parseNote(note)
    for (const { key } of witnesses) {
      const line = signatures.find(({ name, id }) => name === key.name && id === key.id)
      const at = line === undefined ? undefined : timestampOf(line.signature)
      rows.push({ agreement: agreement.id, witness: key.name, algorithm: key.type === ED25519_COSIGNATURE ? 'Ed25519' : 'ML-DSA-44', size: text === undefined ? 0 : parseCheckpoint(text).size, cosigned: at === undefined ? null : timeOf(at) })
    }
  }
  return rows
}

async function list(context: Context, home: Home): Promise<number> {
  const rows = await shownIn(home)
  if (context.json) context.answer({ witnesses: rows })
  else if (rows.length === 0) context.out(context.say({ en: 'No witness from outside the agreement was added.', ru: 'Внешние свидетели не добавлены.' }))
  else {
    const titles = [{ en: 'agreement', ru: 'соглашение' }, { en: 'witness', ru: 'свидетель' }, { en: 'algorithm', ru: 'алгоритм' }, { en: 'log entries', ru: 'записей' }, { en: 'cosigned', ru: 'заверено' }, { en: 'in the quorum', ru: 'в кворуме' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), rows.map(({ agreement, witness, algorithm, size, cosigned }) => [agreement, witness, algorithm, size, cosigned ?? '–', context.say({ en: 'no', ru: 'нет' })]))
  }
  return 0
}

/** Shows them the newest checkpoints now. */
async function show(context: Context, home: Home): Promise<number> {
  let all = true
  for (const hall of home.halls.values()) all = await collectForeign(home, hall) && all
  const code = await list(context, home)
  return all ? code : 1
}

const ACTS: Acts = { add, remove, list, show }

export const verb: Verb = {
  name: 'witness',
  summary: { en: 'witnesses from outside the agreement: what they cosign is shown and counts for no quorum', ru: 'внешние свидетели: заверенное ими показывается и не входит в кворум' },
  usage: ['muster witness add URL VKEY --dir D', 'muster witness remove NAME --dir D', 'muster witness list --dir D', 'muster witness show --dir D'],
  options: {},
  positionals: { min: 1, max: 3 },
  run: (context) => inHome(context, ACTS),
}
