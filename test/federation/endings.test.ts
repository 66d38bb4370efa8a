// Each way in which a trace can end, reached by a dossier: what it concludes, what verifying it says, and that no other ending can be told of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsOf } from '@muster/core/bytes/time.ts'
import { TRACE_OUTCOMES, type TraceOutcome } from '@muster/core/rules/chain.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { signDossier, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { reportLines } from '../../cli/verify/report.ts'
import { OUTCOME } from '@muster/core/words/dossier.ts'
import { signedForgery } from './forgeries/forgery.ts'
import { ofEnding } from './forgeries/statement.ts'
import { LAST_HOLDER, paper, type Conduct, type PaperOptions } from './paper.ts'
import { dossierOf } from './paper-trace.ts'
import { remembering } from './remembering.ts'

interface End {
  readonly how: string
  readonly story: NonNullable<PaperOptions['story']>
  /** What QP does when it is asked; QM and QN answer. */
  readonly conduct?: Conduct
  readonly legible?: string
  readonly lastHolder: string | null
  /** Steps with their parties, and gaps. */
  readonly chain: readonly string[]
  readonly gaps: readonly string[]
  readonly explanations: readonly string[]
}

const QP = 'QP' as PartyId
const MADE = { from: 'made', when: '2024-02-01T00:00:00Z' } as const
const sent = { QN: [{ ...MADE, fate: { releasedTo: QP } }] } as const
const began = ['made QN', 'held QN'] as const

const ENDS: Readonly<Record<TraceOutcome, End>> = {
  'last-holder': {
    how: 'made in one state, delivered to another and lost there', story: LAST_HOLDER, lastHolder: 'QP', chain: [...began, 'delivered QN', 'held QP', 'ended QP'], gaps: ['lost-reported QP'],
    explanations: ['lost-or-stolen-from-holder', 'false-or-copied-mark'],
  },
  'not-received': {
    how: 'released to a state that declares nothing of the kind', story: sent, lastHolder: 'QN', chain: [...began, 'released QN'], gaps: ['not-received QP'],
    explanations: ['diverted-on-the-way', 'received-and-not-declared', 'never-dispatched'],
  },
  'still-held': {
    how: 'still claimed by the state that made it', story: { QN: [{ ...MADE, fate: 'held' }] }, lastHolder: 'QN', chain: began, gaps: ['still-claimed QN'],
    explanations: ['taken-unnoticed', 'false-or-copied-mark', 'record-wrong'],
  },
  'destroyed': {
    how: 'recorded as destroyed', story: { QN: [{ ...MADE, fate: 'destroyed' }] }, lastHolder: 'QN', chain: [...began, 'ended QN'], gaps: ['recorded-destroyed QN'],
    explanations: ['not-destroyed-as-recorded', 'false-or-copied-mark'],
  },
  'ambiguous': {
    how: 'two states declare one each, and nothing tells them apart', story: { QN: [{ ...MADE, fate: 'held' }], QP: [{ ...MADE, fate: 'lost' }] }, lastHolder: null, chain: [], gaps: [],
    explanations: ['one-of-several', 'misread-mark'],
  },
  'absent': {
    how: 'declared by none of those that answered, one of them silent', story: {}, conduct: 'silent', lastHolder: null, chain: [], gaps: [],
    explanations: ['from-outside-the-agreement', 'left-out-of-a-declaration', 'held-by-a-party-that-did-not-answer', 'misread-mark'],
  },
  'silent': {
    how: 'released to the state that is silent', story: sent, conduct: 'silent', lastHolder: null, chain: [...began, 'released QN'], gaps: ['addressee-silent QP'],
    explanations: ['held-by-a-party-that-did-not-answer', 'false-or-copied-mark'],
  },
  'unreadable': { how: 'no candidate can be made of the mark', story: sent, legible: 'Б-2????', lastHolder: null, chain: [], gaps: [], explanations: ['misread-mark'] },
  'by-chance': {
    how: 'so many readings were tried that one hits by chance', story: { QN: [{ ...MADE, fate: 'held' }] }, legible: 'Б-2[49]0[0123456]20', lastHolder: null, chain: [], gaps: [],
    explanations: ['coincidence', 'from-outside-the-agreement', 'left-out-of-a-declaration', 'misread-mark'],
  },
  'unanswered': {
    how: 'released to a state that could not be reached', story: sent, conduct: 'unreachable', lastHolder: null, chain: [...began, 'released QN'], gaps: ['addressee-unanswered QP'],
    explanations: ['held-by-a-party-that-did-not-answer', 'false-or-copied-mark'],
  },
}

const NOW = secondsOf('2026-04-01T00:00:00Z')
const p = remembering(nodePrimitives)
const group = await fastGroup()

for (const outcome of TRACE_OUTCOMES) {
  const { how, story, conduct = 'answers', legible, ...end } = ENDS[outcome]
  test(`${outcome}: ${how}; proven, and no other ending can be told of it`, () => {
    const federation = paper({ p, group, parties: 3, items: 5, story, conduct: (party) => party === QP ? conduct : 'answers', ...(legible === undefined ? {} : { legible }) })
    const made = dossierOf(federation)
    const verified = verifyDossier(p, group, made.bytes, federation.agreementBytes, NOW)
    assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
    const { conclusion } = verified.assessment
    assert.equal(conclusion.outcome, outcome)
    assert.deepEqual({
      lastHolder: conclusion.lastHolder, chain: conclusion.chain.map(({ step, party }) => `${step} ${party}`), gaps: conclusion.gaps.map(({ gap, party }) => `${gap} ${party}`),
      explanations: conclusion.explanations.map(({ what }) => what),
    }, end)
    assert.deepEqual(conclusion.silent, conduct === 'silent' ? [QP] : [])
    assert.equal(Object.values(conclusion.counts).reduce((sum, count) => sum + count, 0), 3)
    const said = reportLines(verified, 'en').join('\n')
    assert.ok(said.includes(OUTCOME[outcome].en), said)
    for (const forgery of ofEnding({ paper: federation, made })) {
      const { verdict, findings } = verifyDossier(p, group, signedForgery(federation, forgery), federation.agreementBytes, NOW)
      assert.equal(verdict, 'refused', `${forgery.kind} (${forgery.of})`)
      assert.ok(findings.some(({ code, party, message }) => code === forgery.code && party === forgery.party && message.includes(forgery.says)), `${forgery.kind} (${forgery.of}): ${JSON.stringify(findings)}`)
    }
  })
}

test('nobody is asked for a mark that nobody could read: whatever was asked is refused', () => {
  const options: PaperOptions = { p, group, parties: 3, items: 5, story: {}, conduct: () => 'answers' }
  const unreadable = paper({ ...options, legible: 'Б-2????' })
  const asked = dossierOf(paper(options)).body.parties[1] as PartyEvidence
  const unanswered = dossierOf(paper({ ...options, conduct: (party) => party === 'QN' ? 'silent' : 'answers' })).body.parties[1] as PartyEvidence
  const { body } = dossierOf(unreadable)
  const codeOf = (evidence: Partial<PartyEvidence>) => {
    const forged = { ...body, parties: body.parties.with(1, { ...body.parties[1] as PartyEvidence, ...evidence }) }
    const [finding] = verifyDossier(p, group, signDossier(p, forged, unreadable.asker.keys.message), unreadable.agreementBytes, NOW).findings
    return [finding?.code, finding?.party]
  }
  assert.deepEqual(codeOf({ request: asked.request }), ['dossier/unreadable-asked', 'QN'])
  assert.deepEqual(codeOf({ receipt: unanswered.receipt }), ['dossier/unreadable-asked', 'QN'])
  assert.deepEqual(codeOf({ lookups: asked.lookups }), ['answer/evidence', 'QN'])
  assert.deepEqual(codeOf({ log: asked.log, head: asked.head }), ['answer/evidence', 'QN'])
})
