// Exchanges broken at every commit, on either side: before it is persisted, and after it although it is reported failed, with everything that the process
// remembered lost. Whoever did the act looks, and repeats it where it was not done; what is on its way goes on. The end is the same as without a break.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CertificateText } from '@muster/core/wire/certificate-body.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { SaidKind } from '@muster/core/wire/said-body.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { issueCertificate, verifyCertificate, answerVerify } from '@muster/registry/certificate/act.ts'
import { certificates, verifications } from '@muster/registry/certificate/view.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { messageRoute } from '@muster/registry/http/message.ts'
import { giveNotice, noticesIn } from '@muster/registry/notice.ts'
import { readReply, REPLY_BYTES_MAX } from '@muster/registry/peer/exchange.ts'
import { admit } from '@muster/registry/admit.ts'
import { saidOf, type At } from '@muster/registry/said.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { messagesById } from '@muster/registry/store/messages.ts'
import { dueTo } from '@muster/registry/store/outbox.ts'
import { itemState } from '@muster/registry/store/record-event.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { dispatchItems, receiveItems, settleTransfer } from '@muster/registry/transfer/act.ts'
import { transfers } from '@muster/registry/transfer/view.ts'
import { countSteps, type BreakAt, type How } from './broken-steps.ts'
import { add, clock, enter, twoRegisters, type Two } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const HOWS: readonly How[] = ['not persisted', 'persisted, reported failed']
const DUE_MAX = 64

type Who = 'aa' | 'bb'
type Homes = Readonly<Record<Who, At>>
/** What a person does, told by what it is about, and how whoever looks sees that it was done. */
interface Act { readonly by: Who, readonly act: (home: At, about: string) => Promise<unknown>, readonly isDone: (home: At, about: string) => Promise<boolean> }
interface Exchange { readonly acts: readonly Act[], readonly prepare?: (about: string) => Promise<void>, /** What both sides have of it in the end. */ readonly end: (homes: Homes, about: string) => Promise<unknown> }

let two: Two
let runs = 0
const items = new Map<string, ItemId>()

before(async () => { two = await twoRegisters({ quorum: 2 }) })
after(() => two.remove())

const whole = (): Homes => ({ aa: { register: two.aa.register, joined: two.aa.joined }, bb: { register: two.bb.register, joined: two.bb.joined } })
const count = async (home: At, kind: SaidKind, direction: 'in' | 'out', about: string): Promise<number> => (await saidOf(home, kind, direction)).filter(({ body }) => 'note' in body && body.note === about).length
const said = (kind: SaidKind) => async (home: At, about: string): Promise<boolean> => await count(home, kind, 'out', about) > 0
const item = (about: string): ItemId => items.get(about) as ItemId
const later = () => timeOf(clock() + 3600)

/** What one side has to tell the other, through the other's door, and back with what it answers; nothing is remembered between two carriages. */
async function carry(homes: Homes, from: Who): Promise<void> {
  const [sender, receiver] = from === 'aa' ? [homes.aa, homes.bb] : [homes.bb, homes.aa]
  const route = messageRoute({ ...receiver, now: clock, admit: (message) => admit(receiver, message, clock()), answer: async (message, at) => { await answerVerify(receiver, message, at); return [] } })
  const due = await dueTo(sender.register, sender.joined.agreement.id, receiver.register.file.party, DUE_MAX)
  for (const message of await messagesById(sender.register, sender.joined, sender.register.file.party, due.map(({ id }) => id))) {
    const { status, body } = await route(message.envelope)
    if (status !== 200) throw new Error(`${status} ${body}`)
    await readReply(sender.register, sender.joined, message, parseJson(Buffer.from(body), { bytes: REPLY_BYTES_MAX, depth: 64 }), clock())
  }
}

const EXCHANGES: Readonly<Record<string, Exchange>> = {
  'a call, issued and answered': {
    acts: [
      { by: 'aa', act: (home, note) => issueCall(home, { reason: 'exercise', classes: null, types: null, seen: 'sealed', asOf: timeOf(clock()), due: later(), remind: [], note }, [two.bb.party], 'A. Petrova', clock()), isDone: said('call/issue') },
      { by: 'bb', act: async (home, note) => answerCall(home, (await callsReceived(home)).find(({ body }) => body.note === note)?.body.call ?? '', note, TWO, clock()), isDone: said('call/answer') },
    ],
    end: async ({ aa, bb }, note) => [
      (await callsIssued(aa, clock())).filter(({ body }) => body.note === note).map(({ tally }) => tally), (await callsReceived(bb)).filter(({ body }) => body.note === note).map(({ standing }) => standing),
      await count(aa, 'call/answer', 'in', note), await count(bb, 'call/issue', 'in', note),
    ],
  },
  'a transfer, sent, received and settled': {
    prepare: async (about) => { items.set(about, (await enter(two.aa, 'baseline', [{ type: '9М39', serial: about }]))[0] as ItemId) },
    acts: [
      { by: 'aa', act: (home, note) => dispatchItems(home, { to: two.bb.party, items: [item(note)], documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }], due: later(), reason: 'contract 9', note }, TWO, clock()), isDone: said('transfer/notify') },
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
  'a notice of a theft': {
    prepare: async (about) => {
      const [stolen] = await enter(two.aa, 'baseline', [{ type: '9М39', serial: about }])
      items.set(about, stolen as ItemId)
      await add(two.aa, (await itemState(two.aa.register, stolen as ItemId)).events, { kind: 'stolen', data: { circumstances: 'exercise' } })
    },
    acts: [{ by: 'aa', act: (home, note) => giveNotice(home, { kind: 'theft', items: [item(note)], discovered: timeOf(clock()), region: null, circumstances: 'in-store', numbers: false, follows: null, note }, TWO, clock()), isDone: said('theft/notice') }],
    end: async ({ aa, bb }, note) => [(await noticesIn(bb)).filter(({ body }) => body.note === note).length, (await noticesIn(aa)).filter(({ body }) => body.note === note).length],
  },
  'an end-user certificate, issued and verified with its issuer': {
    acts: [
      { by: 'bb', act: (home, note) => issueCertificate(home, two.aa.party, { number: note, date: '2026-03-01', until: later(), endUser: 'Exercise brigade 9', endUse: 'training', items: [{ class: 'missile', type: '9М39', quantity: 1 }], undertakings: ['no-re-export-without-consent'], note }, TWO, clock()), isDone: said('certificate/issue') },
      { by: 'aa', act: async (home, note) => verifyCertificate(home, (await saidOf(home, 'certificate/issue', 'in')).find(({ body }) => body.note === note)?.body as CertificateText, TWO, clock()), isDone: async (home, note) => (await verifications(home)).some(({ asked }) => JSON.stringify(asked.body).includes(note)) },
    ],
    end: async ({ aa, bb }, note) => [(await certificates(aa, clock())).filter(({ body }) => body.note === note).length, await count(bb, 'certificate/issue', 'out', note), (await verifications(aa)).filter(({ asked, answered }) => JSON.stringify(asked.body).includes(note) && answered !== undefined).length],
  },
}

async function transferOf(home: At, note: string): Promise<string> {
  return (await transfers(home, clock())).find(({ body }) => body.note === note)?.body.transfer ?? ''
}

/** Plays an exchange with one side broken at one of its commits; resolves to how many that side made and to what both have in the end. */
async function play({ acts, prepare, end }: Exchange, broken: Who, at: BreakAt | undefined): Promise<{ readonly steps: number, readonly end: unknown }> {
  const about = `step-${runs++}`
  await prepare?.(about)
  const steps = countSteps(whole()[broken].register.db, at)
  const homes: Homes = { ...whole(), [broken]: { ...whole()[broken], register: { ...whole()[broken].register, db: steps.db } } }
  try {
    for (const { by, act, isDone } of acts) {
      await act(homes[by], about).catch(async () => { if (!await isDone(whole()[by], about)) await act(whole()[by], about) })
      for (const from of [by, by === 'aa' ? 'bb' : 'aa'] as const) await carry(homes, from).catch(() => carry(whole(), from))
    }
  } finally {
    steps.end()
  }
  for (const from of ['aa', 'bb'] as const) assert.deepEqual(await dueTo(whole()[from].register, two.aa.joined.agreement.id, from === 'aa' ? two.bb.party : two.aa.party, DUE_MAX), [], 'nothing is left on its way')
  return { steps: steps.taken.length, end: await end(whole(), about) }
}

for (const [name, exchange] of Object.entries(EXCHANGES)) {
  test(`${name}: broken at every commit of either side it ends as it does unbroken, and nothing counts twice`, async () => {
    const unbroken = await play(exchange, 'aa', undefined)
    for (const broken of ['aa', 'bb'] as const) {
      const { steps } = await play(exchange, broken, undefined)
      assert.ok(steps > 0, broken)
      for (let step = 1; step <= steps; step++) for (const how of HOWS) assert.deepEqual((await play(exchange, broken, { step, how })).end, unbroken.end, `${broken}, step ${step}, ${how}`)
    }
  })
}

test('after all of it both registers are what their events and messages give', async () => {
  for (const side of [two.aa, two.bb]) {
    const found: Finding[] = []
    await withSnapshot(side.register.db, (snapshot) => auditStore(snapshot, side.register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    assert.deepEqual(found, [])
  }
})
