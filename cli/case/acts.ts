// The acts of a case as a person types them.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createHash } from 'node:crypto'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { DOCUMENT_BYTES_MAX, INCIDENT_KINDS } from '@muster/core/rules/case.ts'
import { STANDINGS } from '@muster/core/rules/claim.ts'
import { PhotoRefused } from '@muster/registry/intake/picture.ts'
import { takePhoto } from '@muster/registry/intake/photo.ts'
import type { DocumentBytes } from '@muster/registry/store/case-acts.ts'
import type { Register } from '@muster/registry/store/register.ts'
import { usage } from '../errors.ts'
import { oneOfWords } from '../options.ts'
import type { Context } from '../verb.ts'

type Data = { readonly [name: string]: Json }
export interface Typed { readonly kind: string, readonly data: Data, readonly document?: DocumentBytes }

const COUNT_MAX = 1_000_000_000_000
const when = (context: Context): string => context.args.text('when') ?? 'unknown'
const needs = (context: Context, ...names: readonly string[]): string[] => names.map((name) => context.args.required(name))

function recovery(context: Context): Typed {
  const items = context.args.texts('item')
  return { kind: 'recovery-added', data: { id: context.args.text('id') ?? items[0] ?? '', items } }
}

function incident(context: Context): Typed {
  const [id, region, what, source] = needs(context, 'id', 'region', 'what', 'source') as [string, string, string, string]
  return { kind: 'incident-added', data: { id, kind: oneOfWords(context, 'kind', INCIDENT_KINDS), when: when(context), region, what, source } }
}

function claim(context: Context): Typed {
  const [id, about, source] = needs(context, 'id', 'about', 'source') as [string, string, string]
  const number = context.args.integer('number', { min: 0, max: COUNT_MAX })
  const [least, most] = [context.args.integer('least', { min: 0, max: COUNT_MAX }), context.args.integer('most', { min: 0, max: COUNT_MAX })]
  const figure = least === undefined && most === undefined ? null : { ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) }
  return {
    kind: 'claim-added',
    data: { id, about, source, date: when(context), value: number ?? context.args.required('value'), unit: context.args.text('unit') ?? null, figure, standing: oneOfWords(context, 'standing', STANDINGS, 'reported'), by: context.args.text('said-by') ?? null },
  }
}

/** The file as it is kept: of a picture the copy without metadata, under the hash of the original. */
async function document(context: Context, register: Register): Promise<Typed> {
  const [id, title, source, file] = needs(context, 'id', 'title', 'source', 'file') as [string, string, string, string]
  const path = resolve(file)
  const { size } = await stat(path)
  if (size === 0 || size > DOCUMENT_BYTES_MAX) throw usage(context.say({ en: `--file ${file}: 1 to ${DOCUMENT_BYTES_MAX} bytes`, ru: `--file ${file}: от 1 до ${DOCUMENT_BYTES_MAX} байт` }))
  const bytes = await readFile(path)
  const photo = await takePhoto(bytes).catch((error: unknown) => {
    if (error instanceof PhotoRefused) return undefined
    throw error
  })
  const level = context.args.text('marking') ?? (register.file.exercise ? 'exercise' : 'unmarked')
  const mediaType = photo?.mediaType ?? (bytes.subarray(0, 5).toString('latin1') === '%PDF-' ? 'application/pdf' : 'application/octet-stream')
  const sha256 = photo === undefined ? createHash('sha256').update(bytes).digest('hex') : toHex(photo.originalSha256)
  return { kind: 'document-added', data: { id, title, sha256, mediaType, bytes: size, date: when(context), source, marking: { level, caveats: [] } }, document: photo === undefined ? { bytes, mediaType } : { photo } }
}

/** The dossier of a trace of this register, by its id or the beginning of it. */
async function dossier(context: Context, register: Register): Promise<Typed> {
  const trace = context.args.required('trace')
  const rows = await register.db.read<{ trace_id: string, outcome: string, dossier_path: string }>("SELECT trace_id, outcome, dossier_path FROM trace WHERE starts_with(trace_id::text, $1) AND state = 'concluded' LIMIT 2", [trace])
  const [only, ...more] = rows
  if (only === undefined || more.length > 0) throw usage(context.say({ en: `--trace ${trace}: no one trace has this id`, ru: `--trace ${trace}: такого прослеживания нет` }))
  const sha256 = createHash('sha256').update(await readFile(only.dossier_path)).digest('hex')
  return { kind: 'dossier-added', data: { id: context.args.text('id') ?? `dossier-${only.trace_id.slice(0, 8)}`, trace: only.trace_id, sha256, outcome: only.outcome } }
}

/** `ID: what it says`: a fact by the id that it rests on. */
function factOf(text: string): Data {
  const [, rests, says] = /^([a-z0-9][a-z0-9-]{0,63}): (.+)$/.exec(text) ?? []
  if (rests === undefined || says === undefined) throw usage(`${text}: ID: …`, '--for "claim-1: the depot counted short"')
  return { says, rests }
}

function explain(context: Context): Typed {
  const [id, what] = needs(context, 'id', 'what') as [string, string]
  return { kind: 'explained', data: { id, what, for: context.args.texts('for').map(factOf), against: context.args.texts('against').map(factOf) } }
}

function fact(context: Context): Typed {
  const sides = (['for', 'against'] as const).flatMap((side) => context.args.texts(side).map((text) => ({ side, fact: factOf(text) })))
  const [only, ...more] = sides
  if (only === undefined || more.length > 0) throw usage('--for "ID: …" | --against "ID: …"')
  return { kind: 'fact-added', data: { explanation: context.args.required('id'), ...only } }
}

function dispute(context: Context): Typed {
  const [id, by, says] = needs(context, 'id', 'said-by', 'what') as [string, string, string]
  return { kind: 'disputed', data: { id, by, says } }
}

export const TYPED: Readonly<Record<string, (context: Context, register: Register) => Typed | Promise<Typed>>> = {
  recovery, incident, document, dossier, claim, explain, fact, dispute,
  close: (context) => ({ kind: 'closed', data: { because: context.args.required('reason') } }),
  reopen: (context) => ({ kind: 'opened', data: { title: context.args.required('title') } }),
}
