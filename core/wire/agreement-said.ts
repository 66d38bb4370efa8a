// What was said of an agreement, read from the signed messages: texts, signatures and withdrawals, in the order in which each party said them. The
// registry and its evaluator both judge by this (standing.ts), each from messages that it verified itself.
import { canonicalBytes } from '../bytes/canonical.ts'
import { toHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { Agreement } from '../rules/agreement.ts'
import type { Said, Text, TextSignature, Withdrawal } from '../rules/standing.ts'
import type { SignedPayload } from './message.ts'
import { saidBody } from './said-body.ts'

/** The hash by which a text is signed and amended: SHA-256 of its canonical bytes. */
export function textHash(p: Pick<Primitives, 'sha256'>, agreement: Agreement): string {
  return toHex(p.sha256(canonicalBytes(agreement)))
}

function inOrder(a: SignedPayload, b: SignedPayload): number {
  const [x, y] = [`${a.payload.from} ${a.payload.to}`, `${b.payload.from} ${b.payload.to}`]
  return x < y ? -1 : x > y ? 1 : a.payload.sequence - b.payload.sequence
}

/** `texts`: those known otherwise than by messages. `own`: the first text that was taken up. Messages of other kinds are passed over. */
export function agreementSaid(p: Pick<Primitives, 'sha256'>, texts: readonly Agreement[], messages: readonly SignedPayload[], own: Said['own']): Said {
  const known = new Map<string, Text>()
  for (const agreement of texts) known.set(textHash(p, agreement), { hash: textHash(p, agreement), agreement, proposed: null })
  const signatures: TextSignature[] = []
  const withdrawals: Withdrawal[] = []
  for (const { payload } of messages.toSorted(inOrder)) {
    const { kind, from: party, time } = payload
    if (kind === 'agreement/propose' || kind === 'agreement/amend') {
      const body = saidBody(kind, payload.body)
      if (body instanceof Refusal || body.agreement.id !== payload.agreement) continue
      const hash = textHash(p, body.agreement)
      const proposed = known.get(hash)?.proposed ?? null
      known.set(hash, { hash, agreement: body.agreement, proposed: proposed === null || time < proposed ? time : proposed })
    }
    if (kind === 'agreement/sign') {
      const body = saidBody(kind, payload.body)
      if (!(body instanceof Refusal)) signatures.push({ party, hash: body.text, sequence: body.sequence, time, name: body.name, office: body.office })
    }
    if (kind === 'agreement/withdraw') {
      const body = saidBody(kind, payload.body)
      if (!(body instanceof Refusal)) withdrawals.push({ party, said: time, from: body.from })
    }
  }
  return { texts: [...known.values()], signatures: once(signatures), withdrawals, own }
}

/** A signature goes to every other party, each time as a message of its own. */
function once(signatures: readonly TextSignature[]): TextSignature[] {
  const seen = new Set<string>()
  return signatures.filter(({ party, hash, sequence }) => seen.size < seen.add(`${party} ${hash} ${sequence}`).size)
}
