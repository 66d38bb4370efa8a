// End-user certificates as they stand, read anew from the messages: those that this party issued and those that it was given, with what was dispatched under each.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { drawn, type CertificateCode } from '@muster/core/rules/certificate.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { certificateHash } from '@muster/core/wire/certificate-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At, type Said } from '../said.ts'

export type CertificateStanding = 'valid' | 'exhausted' | 'beyond' | 'expired' | 'withdrawn'

export interface HeldCertificate {
  /** `out`: issued by this party, which imports; `in`: given to it, which exports. */
  readonly direction: 'out' | 'in'
  readonly with: PartyId
  readonly message: Message
  readonly body: SaidBody<'certificate/issue'>
  readonly hash: string
  readonly withdrawn: Said<'certificate/withdraw'> | undefined
  /** The notices of what was dispatched under it. */
  readonly notices: readonly Said<'transfer/notify'>[]
  /** How many items were dispatched, row by row. */
  readonly drawn: readonly number[]
  readonly standing: CertificateStanding
}

export function listedIn(notices: readonly Said<'transfer/notify'>[]): Identity[] {
  return notices.flatMap(({ body }) => body.items.map(({ identity }) => identity))
}

/** All certificates of the agreement as of `at` (POSIX seconds), oldest first. Under one id of one party only the first counts. */
export async function certificates(home: At, at: number): Promise<HeldCertificate[]> {
  const read = async (direction: 'out' | 'in'): Promise<HeldCertificate[]> => {
    const [issued, withdrawals, sent] = [await saidOf(home, 'certificate/issue', direction), await saidOf(home, 'certificate/withdraw', direction), await saidOf(home, 'transfer/notify', direction === 'out' ? 'in' : 'out')]
    const other = ({ payload }: Message, way: 'out' | 'in'): PartyId => way === 'out' ? payload.to : payload.from
    const first = issued.filter(({ message, body }, i) => issued.findIndex((each) => each.body.certificate === body.certificate && other(each.message, direction) === other(message, direction)) === i)
    return first.map(({ message, body }) => {
      const party = other(message, direction)
      const notices = sent.filter((each) => each.body.certificate === body.certificate && other(each.message, direction === 'out' ? 'in' : 'out') === party)
      const withdrawn = withdrawals.find((each) => each.body.issue === message.id)
      const counts = drawn(body.items, listedIn(notices))
      return { direction, with: party, message, body, hash: certificateHash(p, body), withdrawn, notices, drawn: counts, standing: standingOf(body, withdrawn !== undefined, counts, at) }
    })
  }
  return [...await read('out'), ...await read('in')].sort((a, b) => a.message.payload.time < b.message.payload.time ? -1 : 1)
}

function standingOf({ items, until }: SaidBody<'certificate/issue'>, withdrawn: boolean, counts: readonly number[], at: number): CertificateStanding {
  const left = items.map(({ quantity }, i) => quantity - (counts[i] ?? 0))
  // What the other side dispatched beyond the certificate is shown before all else.
  if (left.some((each) => each < 0)) return 'beyond'
  if (withdrawn) return 'withdrawn'
  if (timeOf(at) > until) return 'expired'
  return left.every((each) => each === 0) ? 'exhausted' : 'valid'
}

const ID_SHOWN_MIN = 8

/** The one certificate whose id begins so, or whose number it is. */
export async function certificateBy(home: At, id: string, direction: 'out' | 'in' | undefined, at: number, other?: PartyId): Promise<HeldCertificate> {
  const named = (await certificates(home, at)).filter((each) => (direction === undefined || each.direction === direction) && (other === undefined || each.with === other)
    && ((id.length >= ID_SHOWN_MIN && each.body.certificate.startsWith(id)) || each.body.number === id))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<CertificateCode>('certificate/unknown', `no one certificate begins with ${id} or has it as its number: see muster certificate list, and name the other side with --of where two are alike`, 'id')
  return only
}

/** What this party asked issuers, with what they said. */
export async function verifications(home: At): Promise<{ readonly asked: Said<'certificate/verify'>, readonly answered: Said<'certificate/verified'> | undefined }[]> {
  const [asked, answers] = [await saidOf(home, 'certificate/verify', 'out'), await saidOf(home, 'certificate/verified', 'in')]
  return asked.map((each) => ({ asked: each, answered: answers.find(({ message, body }) => body.request === each.message.id && message.payload.from === each.message.payload.to) }))
}
