// The one table of what a registry's own people do and look at over the API. A test holds it to the acts of the commands.
import { anyObject, boolean, integer, list, nullable, object, text, time, type Shape } from '@muster/core/bytes/shape.ts'
import { isTime, timeOf } from '@muster/core/bytes/time.ts'
import { agreementId } from '@muster/core/rules/agreement.ts'
import { BEGINNING } from '@muster/core/rules/book.ts'
import { itemId } from '@muster/core/rules/item.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection } from '@muster/core/rules/terms.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { dutiesOf } from '../agreement/duties.ts'
import { readBalance, readCard, readChanges, readDue, readNumbers } from '../book/read.ts'
import { certificateBy } from '../certificate/view.ts'
import { destructionBy, destructions } from '../destruction/view.ts'
import { inspectionBy, inspections } from '../inspection/view.ts'
import { licenceBy, licences } from '../licence/view.ts'
import { previewRequest } from '../peer/waiting-request.ts'
import { productionReturns } from '../production/view.ts'
import { affairBy } from '../reconciliation/affair.ts'
import { refusedByQuota } from '../request/quota.ts'
import { formalRequests, requestBy } from '../request/view.ts'
import { caseActs } from '../store/case-acts.ts'
import { listCases } from '../store/cases.ts'
import { persons } from '../store/persons.ts'
import { transferBy, transfers } from '../transfer/view.ts'
import { watchedIn } from '../watch/view.ts'
import { askedOnce, badQuery, demandParty, type Act, type Asked, type View } from './act.ts'
import { AGREEMENT_ACTS, DECLARE_ACTS } from './acts/agreement.ts'
import { BOOK_ACTS } from './acts/book.ts'
import { CALL_ACTS } from './acts/call.ts'
import { CASE_ACTS, caseNamed, WATCH_ACTS, watchNamed } from './acts/case.ts'
import { CERTIFICATE_ACTS, LICENCE_ACTS, RE_EXPORT_ACTS } from './acts/certificate.ts'
import { NOTICE_ACTS, TRANSFER_ACTS } from './acts/custody.ts'
import { DIRECTORY_ACTS } from './acts/directory.ts'
import { EVENT_ACTS } from './acts/event.ts'
import { INSPECTION_ACTS, RECONCILE_ACTS } from './acts/inspection.ts'
import { DESTRUCTION_ACTS, PRODUCTION_ACTS } from './acts/production.ts'
import { LOT_ACTS } from './acts/lot.ts'
import { PUBLISHED_ACTS } from './acts/published.ts'
import { REQUEST_ACTS } from './acts/request.ts'
import { STORE_ACTS } from './acts/store.ts'
import { affairsView, affairView, agreementView, certificateShown, certificatesView, licenceView, noticesDueView, noticesView, reExportsView } from './views/affairs.ts'
import { balanceView, BOOK_ASKS, bookAsked, cardView, changesView, dayAsked, documentsView, DUE_ASKS, dueView, momentAsked, numbersView, periodsView } from './views/book.ts'
import { callMatrix, callsView, callView } from './views/call.ts'
import { directoryView, termsView } from './views/directory.ts'
import { inspectionView } from './views/inspection.ts'
import { ITEMS_ASKS, itemsView, itemView } from './views/items.ts'
import { lotsView } from './views/lot.ts'
import { destructionShown, destructionsView, returnsView } from './views/production.ts'
import { comparedView, publishedView } from './views/published.ts'
import { previewView, requestViews } from './views/request.ts'
import { containersView, containerView, sealsView, sealView } from './views/seal.ts'
import { storesView } from './views/store.ts'
import { trustView } from './views/trust.ts'
import { overdueItems, overdueView, transferShown, transfersView } from './views/transfer.ts'
import { watchView } from './views/watch.ts'

export const ACTS: readonly Act[] = [
  ...CALL_ACTS, ...TRANSFER_ACTS, ...NOTICE_ACTS, ...CERTIFICATE_ACTS, ...LICENCE_ACTS, ...RE_EXPORT_ACTS, ...INSPECTION_ACTS, ...RECONCILE_ACTS, ...AGREEMENT_ACTS, ...DECLARE_ACTS, ...CASE_ACTS, ...WATCH_ACTS, ...REQUEST_ACTS,
  ...DIRECTORY_ACTS, ...PRODUCTION_ACTS, ...DESTRUCTION_ACTS, ...PUBLISHED_ACTS, ...BOOK_ACTS, ...LOT_ACTS, ...STORE_ACTS, ...EVENT_ACTS,
]

const ROWS_MAX = 100_000
const QUANTITIES_MAX = Number.MAX_SAFE_INTEGER
const rows = list(anyObject, 0, ROWS_MAX)
const look = (family: string, view: string, what: string, answers: Shape<unknown>, act: View['look'], asks: View['asks'] = {}): View => ({ family, view, what, id: false, of: null, asks, answers, look: act })
const lookAt = (family: string, view: string, what: string, act: View['look'], answers: Shape<unknown> = anyObject): View => ({ family, view, what, id: true, of: 'may', asks: {}, answers, look: act })

/** What the query has to name. */
function neededOnce(asked: Asked, name: string): string {
  const given = askedOnce(asked, name)
  if (given === undefined) throw badQuery(name, 'it has to be there')
  return given
}

/** NAME=CODE, each. */
function pairs({ asks }: Asked, name: string): Map<string, string> {
  return new Map(asks[name]?.map((given) => {
    const [, from = '', to = ''] = /^(.+)=(.+)$/.exec(given) ?? []
    if (from === '') throw badQuery(name, 'NAME=CODE')
    return [from.trim(), to.trim()]
  }))
}

function sectionsAsked({ asks }: Asked): DisclosedSection[] {
  const given = asks.section ?? []
  const unknown = given.find((name) => !(DISCLOSED_SECTIONS as readonly string[]).includes(name))
  if (unknown !== undefined) throw badQuery('section', DISCLOSED_SECTIONS.join(', '))
  return DISCLOSED_SECTIONS.filter((name) => given.includes(name))
}

export const VIEWS: readonly View[] = [
  look('items', 'items', 'what the register holds, by what is known of it or by a mark, with the grade of each that the mark found; in the order of ids, `after` the last of the page before',
    object({ items: rows, next: nullable(itemId), tried: nullable(integer(0, ROWS_MAX)), unreadable: nullable(text(1_000)), cut: boolean }), ({ home }, asked) => itemsView(home.register, asked), ITEMS_ASKS),
  lookAt('item', 'item', 'one item: identity, marks, every custody event, its holding, and where in the logs each event is bound', ({ home }, { id, scope }) => itemView(home.register, id, scope)),
  look('person', 'list', 'who may use this registry, and for what', object({ persons: rows }), async ({ home }) => ({ persons: await persons(home.register) })),
  look('book', 'card', 'the stock card of an account: every movement, with what is there after it', object({ opening: integer(0, QUANTITIES_MAX), lines: rows, closing: integer(0, QUANTITIES_MAX), uncounted: integer(0, ROWS_MAX) }), async ({ home }, asked, now) => cardView(await readCard(home.register, ...bookAsked(asked, now))), BOOK_ASKS),
  look('book', 'numbers', 'the book of numbers: item by item what was there, how it came and how it went', object({ items: rows }), async ({ home }, asked, now) => numbersView(await readNumbers(home.register, ...bookAsked(asked, now))), BOOK_ASKS),
  look('book', 'balance', 'the balance by class and type, and the items of which the opening was changed since', object({ rows, broken: rows }), async ({ home }, asked, now) => balanceView(await readBalance(home.register, ...bookAsked(asked, now))), BOOK_ASKS),
  look('book', 'changes', 'what the register said on two days, and the events that lie between', object({ items: rows }), async ({ home }, asked, now) =>
    changesView(await readChanges(home.register, momentAsked(asked, 'since', 'last', BEGINNING), momentAsked(asked, 'until', 'last', timeOf(now)))), { since: 'the earlier day, or a time (the beginning)', until: 'the later day, or a time (now)' }),
  look('book', 'due', 'what is to be checked, or ends its service life, by a day', object({ due: rows }), async ({ home }, asked, now) => dueView(await readDue(home.register, bookAsked(asked, now)[0], dayAsked(asked, now), timeOf(now))), DUE_ASKS),
  look('book', 'documents', 'the numbers of documents that events name, series by series, and the numbers between them that none names', object({ documents: rows, gaps: rows }), ({ home }, asked) => documentsView(home.register, askedOnce(asked, 'series')), { series: 'of this series only' }),
  look('book', 'periods', 'the opening balance and every closing of the books', object({ closedUntil: nullable(time), acts: rows }), ({ home }) => periodsView(home.register)),
  look('seal', 'list', 'the numbered seals that items record, with an alarm where a number is in use twice', object({ seals: rows }), ({ home }) => sealsView(home.register)),
  look('seal', 'show', 'one seal and its history', object({ seal: nullable(anyObject), events: rows }), ({ home }, asked) => sealView(home.register, neededOnce(asked, 'number')), { number: 'the number of the seal' }),
  look('lot', 'list', 'lots in hand, with what is left of each; splits of which the two sides do not say the same', object({ lots: rows, unbalanced: rows }), ({ home }) => lotsView(home.register)),
  look('store', 'list', 'stores, what lies in them against their rules, and findings of inspections that are still open', object({ stores: rows }), ({ home }, _, now) => storesView(home.register, now)),
  look('container', 'list', 'what is packed into what, with an alarm where the records cannot all be true', object({ containers: rows }), ({ home }) => containersView(home.register)),
  look('container', 'show', 'what lies in one container, at any depth', object({ container: anyObject, contents: rows }), ({ home }, asked) => containerView(home.register, neededOnce(asked, 'code')), { code: 'the code of the container' }),
  look('call', 'list', 'calls issued and received', object({ issued: rows, received: rows }), ({ at }, _, now) => callsView(at(), now)),
  lookAt('call', 'show', 'a call that was issued, with its matrix of answers', async ({ at }, { id }, now) => callView(await callMatrix(at(), id, now))),
  look('transfer', 'list', 'transfers sent and announced', object({ transfers: rows }), async ({ at }, _, now) => transfersView(await transfers(at(), now))),
  look('transfer', 'overdue', 'what was neither received nor disputed in time', object({ overdue: rows }), async ({ at }, _, now) => overdueView(overdueItems(await transfers(at(), now)))),
  lookAt('transfer', 'show', 'a transfer, item by item', async ({ at }, { id, of }, now) => transferShown(at(), await transferBy(at(), id, undefined, now, of))),
  look('notice', 'list', 'notices given and received', object({ notices: rows }), ({ at }) => noticesView(at())),
  look('notice', 'due', 'what is to be told, and to whom', object({ due: rows, aviation: rows }), ({ at }, _, now) => noticesDueView(at(), now)),
  look('certificate', 'list', 'end-user certificates', object({ certificates: rows, verified: rows }), ({ at }, _, now) => certificatesView(at(), now)),
  lookAt('certificate', 'show', 'an end-user certificate', async ({ at }, { id, of }, now) => certificateShown(at(), await certificateBy(at(), id, undefined, now, of))),
  look('licence', 'list', 'licences', object({ licences: rows }), async ({ at }, _, now) => ({ licences: (await licences(at(), now)).map(licenceView) })),
  lookAt('licence', 'show', 'a licence, act by act', async ({ at }, { id }, now) => licenceView(await licenceBy(at(), id, now))),
  look('re-export', 'list', 'questions about re-export', object({ reExports: rows }), ({ at }) => reExportsView(at())),
  look('inspection', 'list', 'inspections', object({ inspections: rows }), async ({ at }, _, now) => ({ inspections: (await inspections(at(), now)).map(inspectionView) })),
  lookAt('inspection', 'show', 'an inspection', async ({ at }, { id }, now) => inspectionView(await inspectionBy(at(), id, now))),
  look('reconcile', 'list', 'reconciliations', object({ reconciliations: rows }), ({ at }) => affairsView(at())),
  lookAt('reconcile', 'show', 'both tables of a reconciliation', async ({ at }, { id, of }) => affairView(at(), await affairBy(at(), id, of))),
  look('agreement', 'list', 'agreements that were joined or taken up', object({ agreements: list(object({ id: agreementId, sequence: integer(0, ROWS_MAX), state: text(40), parties: integer(2, 200), quorum: integer(1, 200), addresses: integer(0, 200) }), 0, ROWS_MAX) }),
    ({ home }) => Promise.resolve({ agreements: [...home.halls.values()].map(({ joined: { agreement, urls, standing } }) => ({ id: agreement.id, sequence: agreement.sequence, state: standing.state, parties: agreement.parties.length, quorum: agreement.quorum, addresses: urls.size })) })),
  look('agreement', 'show', 'texts, signatures and positions of an agreement', object({ agreement: agreementId, sequence: integer(0, ROWS_MAX), state: text(40), texts: rows, withdrawn: rows, nothing: rows, positions: rows }), ({ at }) => agreementView(at())),
  look('agreement', 'duties', 'what is owed by and to this party', object({ duties: rows }), async ({ at }, asked, now) => {
    const all = await dutiesOf(at(), now)
    return { duties: askedOnce(asked, 'open') === undefined ? all : all.filter(({ done }) => done === null) }
  }, { open: 'whatever it says: only what is still to be done' }),
  look('case', 'list', 'case files', object({ cases: rows }), async ({ home }) => ({ cases: await listCases(home.register) })),
  lookAt('case', 'show', 'a case, act by act', async ({ home }, { id }) => {
    const found = await caseNamed(home.register, id)
    return { case: found, exercise: home.register.file.exercise, acts: await caseActs(home.register.db, home.register.secrets, found), page: null }
  }, object({ case: text(36), exercise: boolean, acts: rows, page: nullable(text(1)) })),
  look('watch', 'list', 'finds on watch', object({ watches: rows }), async ({ home, hall }) => ({ watches: (await watchedIn(home, hall())).map(watchView) })),
  lookAt('watch', 'show', 'a find on watch', async (office, { id }) => ({ ...watchView(await watchNamed(office, id)), files: [] })),
  look('request', 'list', 'formal requests that want a word of somebody; with `state=all` every one', object({ agreement: agreementId, requests: rows }), async ({ at }, { all }, now) =>
    ({ agreement: at().joined.agreement.id, requests: await requestViews(at(), (await formalRequests(at(), now)).filter(({ standing }) => all || standing.due !== null)) })),
  lookAt('request', 'show', 'a formal request and every word of it', async ({ at }, { id }, now) => ({ agreement: at().joined.agreement.id, ...(await requestViews(at(), [await requestBy(at(), id, now)]))[0] })),
  { ...lookAt('request', 'preview', 'exactly what an answer that opens these sections would say; nothing is recorded or sent', async ({ at }, asked, now) =>
    previewView(await previewRequest({ ...at(), group: await sodiumGroup() }, asked.id, sectionsAsked(asked), now)), object({ to: partyId, keys: integer(0, ROWS_MAX), items: rows, look: nullable(time), bytes: integer(0, ROWS_MAX * 100) })),
    of: null, asks: { section: `of ${DISCLOSED_SECTIONS.join(', ')}` } },
  look('request', 'quota', 'questions that were refused for want of quota', object({ refused: rows }), async ({ at }) => ({ refused: (await refusedByQuota(at())).map(({ question: _, ...told }) => told) })),
  { ...look('directory', 'show', 'a directory of offices, the own where `of` names no party, and which office a message of each subject finds', object({ party: partyId, at: time, stated: time, statements: integer(1, ROWS_MAX), offices: rows, finds: anyObject }), ({ at, hall }, asked, now) => {
    const [when, { of }] = [askedOnce(asked, 'at') ?? timeOf(now), asked]
    if (!isTime(when)) throw badQuery('at', 'a time, as 2026-03-01T00:00:00Z')
    return directoryView(at(), of === undefined ? at().register.file.party : demandParty(hall(), of, 'of'), when)
  }, { at: 'as of when (now, where it is left out)' }), of: 'may' },
  { ...look('directory', 'terms-show', 'the terms of this party and of the party `of`, side by side', object({ party: partyId, own: nullable(time), theirs: nullable(time), rows }), ({ at, hall }, { of }) => {
    if (of === undefined) throw badQuery('of', 'the party')
    return termsView(at(), demandParty(hall(), of, 'of'))
  }), of: 'must' },
  look('production', 'list', 'returns of licensed makers, stated and received', object({ returns: rows }), async ({ at }) => returnsView(at(), await productionReturns(at()))),
  look('destruction', 'list', 'certificates of destruction, own and received', object({ destructions: rows }), async ({ at }) => destructionsView(await destructions(at()))),
  lookAt('destruction', 'show', 'a certificate of destruction, with the word of each witness', async ({ at }, { id, of }) => destructionShown(at(), await destructionBy(at(), id, undefined, of))),
  look('trust', 'trust', 'the log of each party as it is known here, who cosigned it, what is on file, and what each asker could know of this register at most',
    object({ agreement: agreementId, at: time, quorum: integer(1, 200), liars: integer(0, 200), windowSeconds: integer(1, QUANTITIES_MAX), items: integer(0, QUANTITIES_MAX), logs: rows, asked: rows }), ({ home, hall }, _, now) => trustView(home, hall(), now)),
  look('published', 'list', 'readings of public registers of transfers', object({ loads: rows }), ({ home }) => publishedView(home.register)),
  look('published', 'compare', 'what sources state beside what was recorded: what differs or was restated; with `state=all` every row', object({ exercise: boolean, compared: integer(0, ROWS_MAX), rows }),
    ({ at }, asked, now) => comparedView(at(), { parties: pairs(asked, 'party'), models: pairs(asked, 'model') }, { source: askedOnce(asked, 'source'), all: asked.all }, now),
    { party: 'NAME=CODE: a state as the source names it, and its code here', model: 'NAME=TYPE: a model as the source names it, and its type here', source: 'of this source only' }),
]
