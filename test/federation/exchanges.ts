// Exchanges of two sides for tests that break them: what people do one after the other, how whoever looks sees that it was done, and what both sides have of it
// in the end. Each run is of something of its own, which is told by its number.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { CertificateText } from '@muster/core/wire/certificate-body.ts'
import type { SaidKind } from '@muster/core/wire/said-body.ts'
import { positionsOn, takePosition } from '@muster/registry/agreement/act.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { issueCertificate, verifyCertificate } from '@muster/registry/certificate/act.ts'
import { certificates, verifications } from '@muster/registry/certificate/view.ts'
import { certifyDestruction, recordDestroyed, witnessDestruction } from '@muster/registry/destruction/act.ts'
import { destructions } from '@muster/registry/destruction/view.ts'
import { giveNotice, noticesIn } from '@muster/registry/notice.ts'
import { acceptReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { affairs } from '@muster/registry/reconciliation/affair.ts'
import { askReExport, consentToReExport } from '@muster/registry/re-export/act.ts'
import { reExports } from '@muster/registry/re-export/view.ts'
import { acknowledgeRequest, answerInterim, clarifyRequest, replyClarification, withdrawRequest } from '@muster/registry/request/act.ts'
import { formalRequests } from '@muster/registry/request/view.ts'
import { saidOf, type At } from '@muster/registry/said.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { itemState } from '@muster/registry/store/record-event.ts'
import { dispatchItems, receiveItems, settleTransfer } from '@muster/registry/transfer/act.ts'
import { transfers } from '@muster/registry/transfer/view.ts'
import { add, clock, enter, type Two } from './two.ts'

export type Who = 'aa' | 'bb'
export type Homes = Readonly<Record<Who, At>>
/** What a person does, told by what it is about, and how whoever looks sees that it was done. */
export interface Act { readonly by: Who, readonly act: (home: At, about: string) => Promise<unknown>, readonly isDone: (home: At, about: string) => Promise<boolean> }
export interface Exchange { readonly acts: readonly Act[], readonly prepare?: (about: string) => Promise<void>, /** What both sides have of it in the end. */ readonly end: (homes: Homes, about: string) => Promise<unknown> }

const ONE = { by: 'A. Petrova', and: null }
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const count = async (home: At, kind: SaidKind, direction: 'in' | 'out', about: string): Promise<number> => (await saidOf(home, kind, direction)).filter(({ body }) => 'note' in body && body.note === about).length
const said = (kind: SaidKind) => async (home: At, about: string): Promise<boolean> => await count(home, kind, 'out', about) > 0
const later = () => timeOf(clock() + 3600)

async function transferOf(home: At, note: string): Promise<string> {
  return (await transfers(home, clock())).find(({ body }) => body.note === note)?.body.transfer ?? ''
}

async function destructionOf(home: At, note: string) {
  return (await destructions(home)).find(({ body }) => body.note === note)
}

async function reExportOf(home: At, note: string) {
  return (await reExports(home)).find(({ asked }) => asked.body.note === note)
}

async function affairOf(home: At, note: string) {
  return (await affairs(home)).find(({ proposal }) => proposal.body.note === note)
}

const HASH = 'ab'.repeat(32)
/** A formal request as it is put on file; what it opens is for the evaluator to check and is no matter here. */
const formalBody = (note: string): { readonly [name: string]: Json } => ({
  request: HASH, coin: HASH, opened: [{ input: 'AAAA', blind: HASH }], recovery: { event: note, salt: HASH }, ground: 'exercise', use: 'exercise', hits: [{ element: 0, label: HASH }],
})

async function requestOf(home: At, note: string) {
  return (await formalRequests(home, clock())).find(({ message }) => JSON.stringify(message.payload.body).includes(`"${note}"`))
}
const requestId = async (home: At, note: string): Promise<string> => (await requestOf(home, note))?.message.id ?? ''

type Exchanges = Readonly<Record<string, Exchange>>
/** `carried`: takes to the other side what one has to tell, outside of what is broken. */
interface Stage { readonly two: () => Two, readonly carried: (from: Who) => Promise<void>, readonly items: Map<string, ItemId>, readonly item: (about: string) => ItemId }

export function exchangesOf(two: () => Two, carried: (from: Who) => Promise<void>): Exchanges {
  const items = new Map<string, ItemId>()
  const stage: Stage = { two, carried, items, item: (about) => items.get(about) as ItemId }
  return { ...countedAndTold(stage), ...sentOn(stage), ...endedOrKept(stage), ...asked(stage), ...agreed(stage) }
}

/** Calls and notices. */
function countedAndTold({ two, items, item }: Stage): Exchanges {
  return {
    'a call, issued and answered': {
      acts: [
        { by: 'aa', act: (home, note) => issueCall(home, { reason: 'exercise', classes: null, types: null, seen: 'sealed', asOf: timeOf(clock()), due: later(), remind: [], note }, [two().bb.party], 'A. Petrova', clock()), isDone: said('call/issue') },
        { by: 'bb', act: async (home, note) => answerCall(home, (await callsReceived(home)).find(({ body }) => body.note === note)?.body.call ?? '', note, TWO, clock()), isDone: said('call/answer') },
      ],
      end: async ({ aa, bb }, note) => [
        (await callsIssued(aa, clock())).filter(({ body }) => body.note === note).map(({ tally }) => tally), (await callsReceived(bb)).filter(({ body }) => body.note === note).map(({ standing }) => standing),
        await count(aa, 'call/answer', 'in', note), await count(bb, 'call/issue', 'in', note),
      ],
    },
    'a notice of a theft': {
      prepare: async (about) => {
        const [stolen] = await enter(two().aa, 'baseline', [{ type: '9М39', serial: about }])
        items.set(about, stolen as ItemId)
        await add(two().aa, (await itemState(two().aa.register, stolen as ItemId)).events, { kind: 'stolen', data: { circumstances: 'exercise' } })
      },
      acts: [{ by: 'aa', act: (home, note) => giveNotice(home, { kind: 'theft', items: [item(note)], discovered: timeOf(clock()), region: null, circumstances: 'in-store', numbers: false, follows: null, note }, TWO, clock()), isDone: said('theft/notice') }],
      end: async ({ aa, bb }, note) => [(await noticesIn(bb)).filter(({ body }) => body.note === note).length, (await noticesIn(aa)).filter(({ body }) => body.note === note).length],
    },
  }
}

/** What is sent, and under what. */
function sentOn({ two, items, item }: Stage): Exchanges {
  return {
    'a transfer, sent, received and settled': {
      prepare: async (about) => { items.set(about, (await enter(two().aa, 'baseline', [{ type: '9М39', serial: about }]))[0] as ItemId) },
      acts: [
        { by: 'aa', act: (home, note) => dispatchItems(home, { to: two().bb.party, items: [item(note)], documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }], due: later(), reason: 'contract 9', note }, TWO, clock()), isDone: said('transfer/notify') },
        { by: 'bb', act: async (home, note) => receiveItems(home, await transferOf(home, note), { happened: timeOf(clock()), note }, TWO, clock()), isDone: said('transfer/receive') },
        { by: 'aa', act: async (home, note) => settleTransfer(home, await transferOf(home, note), TWO, clock()), isDone: async (home, note) => (await itemState(home.register, item(note))).holding.status === 'released' },
      ],
      end: async ({ aa, bb }, note) => {
        const { holding, events } = await itemState(aa.register, item(note))
        const received = (await transfers(bb, clock())).filter(({ body }) => body.note === note)
        const there = await bb.register.db.read<{ item_id: ItemId }>("SELECT item_id FROM item WHERE serial = $1", [note])
        return [holding.status, events.map(({ kind }) => kind), received.flatMap((each) => each.items.map(({ standing }) => standing)), there.length, await count(aa, 'transfer/receive', 'in', note), await count(bb, 'transfer/notify', 'in', note)]
      },
    },
    'an end-user certificate, issued and verified with its issuer': {
      acts: [
        { by: 'bb', act: (home, note) => issueCertificate(home, two().aa.party, { number: note, date: '2026-03-01', until: later(), endUser: 'Exercise brigade 9', endUse: 'training', items: [{ class: 'missile', type: '9М39', quantity: 1 }], undertakings: ['no-re-export-without-consent'], note }, TWO, clock()), isDone: said('certificate/issue') },
        { by: 'aa', act: async (home, note) => verifyCertificate(home, (await saidOf(home, 'certificate/issue', 'in')).find(({ body }) => body.note === note)?.body as CertificateText, TWO, clock()), isDone: async (home, note) => (await verifications(home)).some(({ asked }) => JSON.stringify(asked.body).includes(note)) },
      ],
      end: async ({ aa, bb }, note) => [(await certificates(aa, clock())).filter(({ body }) => body.note === note).length, await count(bb, 'certificate/issue', 'out', note), (await verifications(aa)).filter(({ asked, answered }) => JSON.stringify(asked.body).includes(note) && answered !== undefined).length],
    },
  }
}

/** What is destroyed, and what may not go on without its origin. */
function endedOrKept({ two, carried, items, item }: Stage): Exchanges {
  return {
    'a destruction, certified and witnessed': {
      prepare: async (about) => { items.set(about, (await enter(two().aa, 'baseline', [{ type: '9М39', serial: about }]))[0] as ItemId) },
      acts: [
        { by: 'aa', act: ({ register }, note) => recordDestroyed(register, { items: [item(note)], number: note, happened: timeOf(clock()), reason: 'surplus' }, TWO, clock()), isDone: async (home, note) => (await itemState(home.register, item(note))).holding.status === 'destroyed' },
        {
          by: 'aa', act: (home, note) => certifyDestruction(home, { number: note, date: timeOf(clock()).slice(0, 10), region: 'North', method: 'cutting', witnesses: [{ party: two().bb.party, name: 'D. Sokol', office: 'Inspector' }], note }, TWO, clock()),
          isDone: async (home, note) => await destructionOf(home, note) !== undefined,
        },
        {
          by: 'bb', act: async (home, note) => witnessDestruction(home, (await destructionOf(home, note))?.body.destruction ?? '', 'D. Sokol', { kind: 'destruction/witnessed' }, note, ONE, clock()), isDone: said('destruction/witnessed'),
        },
      ],
      end: async ({ aa, bb }, note) => [
        (await itemState(aa.register, item(note))).events.map(({ kind }) => kind), (await destructionOf(aa, note))?.witnesses.map(({ word }) => word), (await destructionOf(bb, note))?.witnesses.map(({ word }) => word),
        await count(bb, 'destruction/certify', 'in', note), await count(aa, 'destruction/witnessed', 'in', note),
      ],
    },
    'a re-export, asked and consented to': {
      prepare: async (about) => {
        const { aa, bb } = two()
        const [sent] = await enter(aa, 'baseline', [{ type: '9М39', serial: about }])
        await issueCertificate(bb, aa.party, { number: `EUC ${about}`, date: '2026-03-01', until: later(), endUser: 'Exercise brigade 4', endUse: 'armed-forces', items: [{ class: 'missile', type: '9М39', quantity: 1 }], undertakings: ['no-re-export-without-consent'], note: null }, TWO, clock())
        await carried('bb')
        const { transfer } = await dispatchItems(aa, { to: bb.party, items: [sent as ItemId], documents: [{ series: 'EXERCISE', number: about, date: '2026-03-01' }], due: later(), reason: 'contract 9', note: null, certificate: `EUC ${about}` }, TWO, clock())
        await carried('aa')
        items.set(about, (await receiveItems(bb, transfer, { happened: timeOf(clock()), note: null }, ONE, clock())).items[0] as ItemId)
        await carried('bb')
      },
      acts: [
        { by: 'bb', act: (home, note) => askReExport(home, { origin: two().aa.party, to: 'CC' as PartyId, items: [item(note)], endUser: 'Exercise brigade 9', endUse: 'training', note }, ONE, clock()), isDone: said('re-export/ask') },
        { by: 'aa', act: async (home, note) => consentToReExport(home, (await reExportOf(home, note))?.asked.body.ask ?? '', { until: later(), note }, TWO, clock()), isDone: said('re-export/consent') },
      ],
      end: async ({ aa, bb }, note) => [(await reExportOf(bb, note))?.consents.length, (await reExportOf(aa, note))?.consents.length, await count(aa, 're-export/ask', 'in', note), await count(bb, 're-export/consent', 'in', note)],
    },
  }
}

/** A request about a weapon, through the day of whoever answers it. */
function asked({ two, carried }: Stage): Exchanges {
  return {
    'a formal request, taken up, asked back, replied to, answered for the time being and withdrawn': {
      prepare: async (about) => {
        await writeMessages(two().aa.register, two().aa.joined, [{ to: two().bb.party, kind: 'trace/request', body: formalBody(about), sent: true }], clock())
        await carried('aa')
      },
      acts: [
        { by: 'bb', act: async (home, note) => acknowledgeRequest(home, await requestId(home, note), { expected: null, note }, ONE, clock()), isDone: said('trace/acknowledge') },
        { by: 'bb', act: async (home, note) => clarifyRequest(home, await requestId(home, note), { asks: ['where-found'], note }, ONE, clock()), isDone: said('trace/clarify') },
        { by: 'aa', act: async (home, note) => replyClarification(home, await requestId(home, note), { says: [{ asks: 'where-found', text: 'North', photo: null }], note }, ONE, clock()), isDone: said('trace/clarified') },
        { by: 'bb', act: async (home, note) => answerInterim(home, await requestId(home, note), { state: 'archive-asked', expected: null, note }, ONE, clock()), isDone: said('trace/interim') },
        { by: 'aa', act: async (home, note) => withdrawRequest(home, await requestId(home, note), { reason: 'found-otherwise', note }, ONE, clock()), isDone: said('trace/withdraw') },
      ],
      end: async ({ aa, bb }, note) => [await requestOf(aa, note), await requestOf(bb, note)].map((request) => [request?.standing.state, request?.words.map(({ kind }) => kind).sort()]),
    },
  }
}

/** What is settled between the two. */
function agreed({ two }: Stage): Exchanges {
  return {
    'a reconciliation, proposed and accepted': {
      acts: [
        { by: 'aa', act: (home, note) => proposeReconciliation(home, two().bb.party, { asOf: timeOf(clock()), note }, TWO, clock()), isDone: said('reconciliation/propose') },
        { by: 'bb', act: async (home, note) => acceptReconciliation(home, (await affairOf(home, note))?.id ?? '', TWO, clock()), isDone: async (home, note) => (await affairOf(home, note))?.accepted !== undefined },
      ],
      end: async ({ aa, bb }, note) => [(await affairOf(aa, note))?.accepted !== undefined, (await affairOf(bb, note))?.accepted !== undefined, await count(bb, 'reconciliation/propose', 'in', note), (await saidOf(aa, 'reconciliation/accept', 'in')).filter(({ body }) => body.reconciliation).length > 0],
    },
    'a position on the agreement, and the answer to it': {
      acts: [
        { by: 'aa', act: (home, note) => takePosition(home, { kind: 'reservation', place: 'quota', concern: 'quota', words: note }, ONE, clock()), isDone: async (home, note) => await positions(home, note) > 0 },
        {
          by: 'bb', act: async (home, note) => takePosition(home, { kind: 'position', place: 'quota', concern: 'quota', words: `${note} again`, answers: (await positionsOn(home)).find(({ body: heard }) => heard.words === note)?.body.position }, ONE, clock()),
          isDone: async (home, note) => await positions(home, `${note} again`) > 0,
        },
      ],
      end: async ({ aa, bb }, note) => [await positions(aa, note), await positions(bb, note), await positions(aa, `${note} again`), await positions(bb, `${note} again`)],
    },
  }
}

const positions = async (home: At, words: string): Promise<number> => (await positionsOn(home)).filter(({ body }) => body.words === words).length
