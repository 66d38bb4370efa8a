// The blinded question to one party and the look-up of its answer in the own full copy (DESIGN section 5, steps 2 and 3). Fresh blinds for
// each party and element; the batch is padded; the proof is checked against the OPRF key in the head that is looked up in.
import { randomBytes } from 'node:crypto'
import { fromBase64, toBase64, toHex, u64 } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { coinBinding, padBatch, paddedSize } from '@muster/core/oprf/batch.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { blindEach, demandProof, finalizeEach, VOPRF } from '@muster/core/oprf/oprf.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { openCopy, type DeclarationCopy, type Found } from '@muster/fast/declaration/copy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Saying } from '../store/messages.ts'

const SCALAR_BYTES = 32
/** The order of the group is just above 2^252: the top bits are cleared so that nearly every draw is below it. */
const TOP_BITS = 0x1f

/** Where a question's blinds, padding and coin come from: so many bytes that nobody else can foresee. */
export type Chance = (length: number) => Uint8Array

const fresh: Chance = (length) => new Uint8Array(randomBytes(length))

function randomScalar(group: Group, chance: Chance): Uint8Array {
  for (;;) {
    const scalar = chance(SCALAR_BYTES)
    scalar[SCALAR_BYTES - 1] = (scalar[SCALAR_BYTES - 1] as number) & TOP_BITS
    if (group.isScalar(scalar)) return scalar
  }
}

/** What the asker alone knows of its question to one party. */
export interface Question {
  readonly party: PartyId
  readonly head: ReadHead | undefined
  readonly inputs: readonly Uint8Array[]
  readonly blinds: readonly Uint8Array[]
  readonly elements: readonly Uint8Array[]
  readonly coin: Uint8Array
  readonly saying: Saying
}

/** The finds that a question is about: their leaves with paths, and the tlog-proofs that the paths point into. */
export interface Ground { readonly recoveries: readonly Json[], readonly proofs: readonly string[] }

/**
 * The ground as one party needs it: each proof's checkpoint with the asker's own lines and that of the asked party's witness, which alone
 * says that this party had cosigned. All others stand once in the dossier; in each question they would be four fifths of it.
 */
export function groundFor({ recoveries, proofs }: Ground, asker: PartyTrust, asked: PartyTrust): Ground {
  const starts = [asker.origin, asked.witness.name].map((name) => `— ${name} `)
  const shortened = proofs.map((proof) => {
    const lines = proof.lastIndexOf('\n\n') + 2
    const needed = proof.slice(lines).split('\n').filter((line) => line === '' || starts.some((start) => line.startsWith(start)))
    return proof.slice(0, lines) + needed.join('\n')
  })
  return { recoveries, proofs: shortened }
}

/** Bytes that follow from a seed, one draw after the other: a question that is made again is the same one. */
export function seededChance(seed: Uint8Array): Chance {
  let drawn = 0
  return (length) => new Uint8Array(p.hmacSha256(seed, u64(drawn++))).slice(0, length)
}

export function blinded(group: Group, inputs: readonly Uint8Array[], chance: Chance): { readonly blinds: readonly Uint8Array[], readonly elements: readonly Uint8Array[] } {
  const blinds = inputs.map(() => randomScalar(group, chance))
  return { blinds, elements: blindEach(group, VOPRF, inputs, blinds) }
}

/** Blinds the candidate keys for one party, padded to the next agreed size. */
export function questionTo(group: Group, party: PartyId, head: ReadHead | undefined, keys: readonly Uint8Array[], ground: Ground, expiresAfterSeconds: number | undefined, chance: Chance = fresh): Question {
  const size = paddedSize(keys.length) ?? 0
  const inputs = padBatch(keys, Array.from({ length: size - keys.length }, () => chance(32)))
  const { blinds, elements } = blinded(group, inputs, chance)
  const coin = chance(32)
  const body = { head: head?.hash ?? null, recoveries: ground.recoveries, proofs: ground.proofs, elements: elements.map(toBase64), coin: toHex(coinBinding(p.sha256, coin)) }
  return { party, head, inputs, blinds, elements, coin, saying: { to: party, kind: 'evaluation/request', body, ...(expiresAfterSeconds === undefined ? {} : { expiresAfterSeconds }) } }
}

export interface LookedUp {
  readonly element: number
  readonly label: Uint8Array
  readonly found: Found
}

/** Open copies, the last used ones: opening one reads and checks its upper tiles. */
const copies = new Map<string, DeclarationCopy>()
const COPIES_MAX = 64

export function copyOf(folder: string, head: ReadHead): DeclarationCopy {
  const held = copies.get(folder)
  if (held !== undefined) return held
  const opened = openCopy(folder, { size: head.head.size, root: fromBase64(head.head.root) as Uint8Array })
  if (copies.size >= COPIES_MAX) copies.delete(copies.keys().next().value as string)
  copies.set(folder, opened)
  return opened
}

/** Checks the evaluation and looks every key up in the own full copy. Throws a Breach or OprfError where the answer does not hold. */
export function lookUp(group: Group, question: Question, answer: Message, head: ReadHead, folder: string, count: number): LookedUp[] {
  const { elements, proof } = traceBody('evaluation/answer', answer.payload.body)
  const of64 = (text: string) => fromBase64(text) as Uint8Array
  const evaluated = (elements ?? []).map(of64)
  demandProof(group, of64(head.head.oprf), question.elements, evaluated, of64(proof ?? ''))
  const outputs = finalizeEach(group, question.inputs.slice(0, count), question.blinds.slice(0, count), evaluated.slice(0, count))
  const copy = copyOf(folder, head)
  return outputs.map((output, element) => {
    const label = labelOfOutput(output)
    return { element, label, found: copy.prove(label) }
  })
}

/** The opening of the whole batch, as the formal request and the toss of the coin demand it. */
export function openingOf(question: Question): { readonly input: string, readonly blind: string }[] {
  return question.inputs.map((input, i) => ({ input: toBase64(input), blind: toHex(question.blinds[i] as Uint8Array) }))
}
