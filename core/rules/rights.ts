// What a person of a party may do, by role, as data: the server refuses by it, the commands print it, and a button that is disabled says it.
// DESIGN section 1 names who comes to do what; the secretariat is served apart (spec/secretariat.md) and has no role in any registry.

export const ROLES = ['stockpile-officer', 'point-of-contact', 'investigator', 'export-control-officer', 'auditor'] as const
export type Role = (typeof ROLES)[number]

/** What one row of the rights is about: `family/act` of an act; for what is looked at the family, or `family/view` where a view has a row of its own. */
export type Row = string

const [STOCKPILE, CONTACT, INVESTIGATOR, EXPORT, AUDITOR] = ROLES
const everybody = ROLES

/** Who may ask for an act, and who may be its second person: the same, since the second answers for it as the first does. */
export const MAY_DO: Readonly<Record<Row, readonly Role[]>> = {
  'event/event': [STOCKPILE],
  'lot/split': [STOCKPILE], 'lot/use': [STOCKPILE],
  'store/rule': [STOCKPILE], 'store/inspected': [STOCKPILE], 'store/remedied': [STOCKPILE], 'store/hand-over': [STOCKPILE],
  'book/open': [STOCKPILE], 'book/close': [STOCKPILE], 'book/reopen': [STOCKPILE],
  'production/record': [STOCKPILE], 'production/return': [CONTACT],
  'destruction/record': [STOCKPILE], 'destruction/certify': [STOCKPILE, CONTACT], 'destruction/confirm': [CONTACT], 'destruction/deny': [CONTACT],
  'transfer/send': [EXPORT], 'transfer/receive': [STOCKPILE, EXPORT], 'transfer/dispute': [STOCKPILE, EXPORT], 'transfer/settle': [EXPORT],
  'notice/give': [EXPORT, CONTACT], 'notice/aviation': [CONTACT],
  'certificate/issue': [EXPORT], 'certificate/verify': [EXPORT], 'certificate/withdraw': [EXPORT],
  'licence/grant': [EXPORT], 'licence/amend': [EXPORT], 'licence/revoke': [EXPORT],
  're-export/ask': [EXPORT], 're-export/consent': [EXPORT], 're-export/refuse': [EXPORT],
  'call/issue': [CONTACT], 'call/acknowledge': [CONTACT], 'call/answer': [CONTACT], 'call/decline': [CONTACT], 'call/note': [CONTACT], 'call/paper': [CONTACT],
  'inspection/announce': [CONTACT], 'inspection/anew': [CONTACT], 'inspection/join': [CONTACT], 'inspection/share': [CONTACT], 'inspection/open': [CONTACT], 'inspection/disclose': [CONTACT], 'inspection/report': [CONTACT], 'inspection/reply': [CONTACT],
  'reconcile/propose': [CONTACT], 'reconcile/accept': [CONTACT], 'reconcile/decline': [CONTACT],
  'agreement/propose': [CONTACT], 'agreement/position': [CONTACT], 'agreement/sign': [CONTACT], 'agreement/amend': [CONTACT], 'agreement/report': [CONTACT], 'agreement/withdraw': [CONTACT],
  'declare/declare': [CONTACT],
  'directory/state': [CONTACT], 'directory/route': [CONTACT], 'directory/terms-state': [CONTACT],
  'published/load': [EXPORT, CONTACT],
  'request/acknowledge': [CONTACT], 'request/clarify': [CONTACT, INVESTIGATOR], 'request/reply': [CONTACT, INVESTIGATOR], 'request/interim': [CONTACT], 'request/approve': [CONTACT], 'request/refuse': [CONTACT], 'request/look': [CONTACT], 'request/withdraw': [CONTACT, INVESTIGATOR], 'request/outcome': [CONTACT, INVESTIGATOR], 'request/grant': [CONTACT],
  'case/open': [INVESTIGATOR], 'case/recovery': [INVESTIGATOR], 'case/incident': [INVESTIGATOR], 'case/claim': [INVESTIGATOR], 'case/explain': [INVESTIGATOR], 'case/fact': [INVESTIGATOR], 'case/dispute': [INVESTIGATOR], 'case/close': [INVESTIGATOR], 'case/reopen': [INVESTIGATOR],
  'watch/end': [INVESTIGATOR],
}

/** Who may look at what a family shows. An investigator sees no stock: a find is traced in the own register like in any other. */
export const MAY_SEE: Readonly<Record<Row, readonly Role[]>> = {
  items: [STOCKPILE, CONTACT, EXPORT, AUDITOR], item: [STOCKPILE, CONTACT, EXPORT, AUDITOR],
  book: [STOCKPILE, AUDITOR], lot: [STOCKPILE, AUDITOR], seal: [STOCKPILE, AUDITOR], container: [STOCKPILE, AUDITOR], store: [STOCKPILE, AUDITOR],
  production: [STOCKPILE, CONTACT, AUDITOR], destruction: [STOCKPILE, CONTACT, AUDITOR],
  transfer: [STOCKPILE, EXPORT, CONTACT, AUDITOR], notice: [EXPORT, CONTACT, AUDITOR], certificate: [EXPORT, CONTACT, AUDITOR], licence: [EXPORT, CONTACT, AUDITOR], 're-export': [EXPORT, CONTACT, AUDITOR],
  published: [EXPORT, CONTACT, AUDITOR],
  call: [CONTACT, AUDITOR], inspection: [CONTACT, AUDITOR], reconcile: [CONTACT, AUDITOR], request: [CONTACT, INVESTIGATOR, AUDITOR],
  // Shows what the own register holds behind a question of another state.
  'request/preview': [CONTACT, AUDITOR],
  agreement: everybody, directory: everybody, trust: [CONTACT, AUDITOR],
  case: [INVESTIGATOR, CONTACT, AUDITOR], watch: [INVESTIGATOR, CONTACT, AUDITOR],
  person: everybody,
}

/** The row of what is looked at. */
export function seenAs(family: string, view: string): Row {
  const own = `${family}/${view}`
  return Object.hasOwn(MAY_SEE, own) ? own : family
}

/** What a scope can narrow: everything else is of the whole register, and closed to whoever has a part of it. */
export const WITHIN_SCOPE: readonly Row[] = ['items', 'item', 'event/event', 'agreement', 'directory', 'person']

/** The part of the register that a person keeps. An empty list is every site, or every unit. */
export interface Scope { readonly sites: readonly string[], readonly units: readonly string[] }
export const WHOLE: Scope = { sites: [], units: [] }

export interface Rights { readonly roles: readonly Role[], readonly scope: Scope }

export type No = 'rights/role' | 'rights/scope'

function isWhole({ sites, units }: Scope): boolean {
  return sites.length === 0 && units.length === 0
}

/** Why not, or undefined for what is allowed. `row`: of `MAY_DO` or `MAY_SEE`; one that stands in neither is nobody's. */
export function whyNot({ roles, scope }: Rights, row: Row): No | undefined {
  const allowed = MAY_DO[row] ?? MAY_SEE[row] ?? []
  if (!roles.some((role) => allowed.includes(role))) return 'rights/role'
  return isWhole(scope) || WITHIN_SCOPE.includes(row) ? undefined : 'rights/scope'
}

/** Whether something at this place is of the scope. A place that nobody knows is of no part. */
export function within({ sites, units }: Scope, { site, unit }: { readonly site: string | undefined, readonly unit: string | undefined }): boolean {
  return (sites.length === 0 || (site !== undefined && sites.includes(site))) && (units.length === 0 || (unit !== undefined && units.includes(unit)))
}
