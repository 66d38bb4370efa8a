// A trace in a federation of which one party is reached by courier only gives what it gives with all parties on the wire: the same outcome, the same
// chain, the same answers, proven by the same verifier. What the courier carries is checked as if it had come over the network.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromBase64, toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { Courier } from '@muster/core/wire/courier.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { identityToRecipient } from 'age-encryption'
import { declare } from '@muster/registry/log/declare.ts'
import { collectReaders, sequence } from '@muster/registry/main.ts'
import { openCourier, sealCourier } from '@muster/registry/peer/courier-file.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { cosignedProof, untilBound } from '@muster/registry/trace/find.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { backAndForth, carry, closeDoors, load } from './carried.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, DRILL, enter } from './two.ts'

const PARTIES = ['AA', 'BB', 'CC'] as const
const COSIGNED_MS_MAX = 20_000
/** Back and forth: the find for its cosignature, the question, the formal request. */
const ROUNDS_MAX = 4
const AGREED = { quorum: 2, periodSeconds: 1, openOneIn: 1 }

let group: Group
const made: Served[] = []
before(async () => {
  group = await sodiumGroup()
})
after(async () => {
  await closeDoors()
  for (const served of made) await served.remove()
})

/** Three registries that have declared, cosigned by all; `byCourier`: CC has nobody's address and nobody has its. */
async function federation(byCourier: boolean): Promise<{ readonly served: Served, readonly finds: readonly string[] }> {
  const served = await servedRegistries(PARTIES, AGREED, byCourier ? ['CC'] : [])
  made.push(served)
  const side = (party: string) => served.of(party).side()
  const finds = await enter(side('AA'), 'seized', [{ serial: '0777', type: '9М39' }, { serial: '0778', type: '9М39' }, { serial: '0779', type: '9М39' }, { serial: '0001', type: '9М39' }])
  await enter(side('BB'), 'baseline', [{ serial: '0778', type: '9М39' }])
  await enter(side('CC'), 'baseline', [{ serial: '0777', type: '9М39' }, { serial: '0001', type: '9М39' }])
  for (const party of PARTIES) await declare(side(party).log, clock())
  for (const party of byCourier ? ['AA', 'BB'] : PARTIES) await served.of(party).up()
  if (!byCourier) return { served, finds }
  const [home, hall] = [served.of('CC').home(), served.of('CC').hall()]
  await sequence(home, hall)
  await collectReaders(home, hall, { ms_max: 500 })
  // The finds stand in AA's log before it is carried; a find of later would wait for one way more.
  const { log } = served.of('AA').hall()
  for (const find of finds) await cosignedProof(log, (await untilBound(log, find, COSIGNED_MS_MAX)).path.entry, COSIGNED_MS_MAX, 2)
  // Twice: what was cosigned on the first way stands in what is published on the second.
  for (let way = 0; way < 2; way++) for (const party of ['AA', 'BB']) await backAndForth(served, party)
  return { served, finds }
}

interface Told { readonly outcome: string, readonly lastHolder: string | null, readonly chain: unknown, readonly gaps: unknown, readonly grade: unknown, readonly parties: unknown, readonly rounds: number }

/** Traces one find from AA until nothing waits for the courier any more. */
async function trace({ served, finds }: { readonly served: Served, readonly finds: readonly string[] }, n: number, hinder: (served: Served) => Promise<void> = async () => undefined): Promise<Told> {
  const [home, hall] = [served.of('AA').home(), served.of('AA').hall()]
  const tracing = { home, hall, group, own: undefined }
  let traced: Traced
  for (let rounds = 0; ; rounds++) {
    assert.ok(rounds <= ROUNDS_MAX, 'the trace does not end')
    traced = await traceFind(tracing, finds[n] ?? '', { wait_ms: COSIGNED_MS_MAX, untilSilent: false })
    if (traced.waiting.length === 0) {
      await showCoins(tracing, traced.tossed)
      const { outcome, lastHolder, chain, gaps, grade } = traced.conclusion
      const { verdict, parties } = verified(served, traced.dossier)
      assert.equal(verdict, 'proven')
      return { outcome, lastHolder, chain, gaps, grade, parties, rounds }
    }
    await hinder(served)
    await backAndForth(served, 'AA')
  }
}

function verified(served: Served, dossier: Uint8Array): { readonly verdict: string, readonly parties: readonly unknown[] } {
  const { verdict, findings } = verifyDossier(p, group, dossier, agreementBytes(served.agreement), clock())
  assert.deepEqual(findings, [])
  const { parties } = parseJson(dossier) as unknown as { readonly parties: readonly { readonly party: string, readonly outcome: string, readonly lookups: readonly unknown[], readonly items: readonly unknown[] }[] }
  return { verdict, parties: parties.map(({ party, outcome, lookups, items }) => [party, outcome, lookups.length, items.length]) }
}

let courier: Awaited<ReturnType<typeof federation>>
const waiting = async (served: Served, from: string, to: string) => (await onTheirWay(served.of(from).home().register, DRILL)).filter((each) => each.to === to)

test('every find has the outcome that it has on the wire, one way for the question and one for the formal request', async () => {
  const wire = await federation(false)
  courier = await federation(true)
  for (const [n, rounds] of [[0, 2], [1, 1], [2, 1]] as const) {
    const [{ rounds: none, ...onWire }, { rounds: ways, ...byCourier }] = [await trace(wire, n), await trace(courier, n)]
    assert.deepEqual(byCourier, onWire, `find ${n}`)
    assert.deepEqual([none, ways], [0, rounds], 'ways of the courier')
  }
  assert.equal((await trace(courier, 0)).rounds, 0, 'what was answered once is not asked again')
  await backAndForth(courier.served, 'AA')
  await load(courier.served, 'CC', await carry(courier.served, 'AA', 'CC'))
  assert.deepEqual([await waiting(courier.served, 'AA', 'CC'), await waiting(courier.served, 'CC', 'AA')], [[], []])
})

test('files that are lost, late, loaded twice and in the wrong order change nothing of the outcome', async () => {
  const { served } = courier
  const kept: Uint8Array[] = []
  const told = await trace(courier, 3, async () => {
    // One is lost on either way; the one after it comes twice, and all before it once more.
    await carry(served, 'AA', 'CC')
    kept.push(await carry(served, 'AA', 'CC'))
    for (const file of kept.toReversed()) await load(served, 'CC', file)
    await carry(served, 'CC', 'AA')
  })
  assert.deepEqual([told.outcome, told.lastHolder], ['still-held', 'CC'])
})

/** A file as it would be with other contents: anybody who knows the receiver's key can make it. */
async function forged(served: Served, to: string, file: Uint8Array, change: (courier: Courier) => Courier): Promise<Uint8Array> {
  const { courier: identity } = served.of(to).hall().joined.keys
  const courier = await openCourier([identity], file)
  assert.ok(!(courier instanceof Error))
  return sealCourier(await identityToRecipient(identity), change(courier))
}
const inPublished = (path: RegExp, change: (bytes: Uint8Array) => Uint8Array) => (courier: Courier): Courier =>
  ({ ...courier, published: (courier.published ?? []).map((each) => path.test(each.path) ? { ...each, bytes: toBase64(change(fromBase64(each.bytes) as Uint8Array)) } : each) })
const flipped = (bytes: Uint8Array) => bytes.with(bytes.length - 2, (bytes[bytes.length - 2] as number) ^ 1)

test('what a courier forged of a log or a declaration is cosigned by nobody and accuses nobody; the true file after it is taken', async () => {
  const served = await servedRegistries(['AA', 'BB'], AGREED, ['BB'])
  made.push(served)
  const { home, hall, told } = served.of('BB')
  const other = served.of('AA')
  await enter(other.side(), 'baseline', [{ serial: '0001', type: '9М39' }])
  await declare(other.side().log, clock())
  await sequence(other.home(), other.hall())
  await collectReaders(other.home(), other.hall(), { ms_max: 500 })
  const file = await carry(served, 'AA', 'BB')
  const cosigned = async () => (await home().register.db.read<{ cosigner: string, origin: string }>('SELECT cosigner, origin FROM cosigned')).filter(({ origin }) => origin.startsWith('AA/')).map(({ cosigner }) => cosigner).sort()
  for (const change of [
    (courier: Courier): Courier => ({ ...courier, published: (courier.published ?? []).filter(({ path }) => !path.startsWith('log/tile')) }),
    inPublished(/^log\/tile/, flipped), inPublished(/^log\/checkpoint/, flipped),
    ({ published: _, ...courier }: Courier): Courier => ({ ...courier, cosigned: [toBase64(utf8('BB/muster/exercise-2\n1\n'))] }),
  ]) {
    told.length = 0
    await load(served, 'BB', await forged(served, 'BB', file, change))
    assert.ok(told.length > 0)
    assert.deepEqual(await cosigned(), [])
  }
  await load(served, 'BB', await forged(served, 'BB', file, inPublished(/^d\//, flipped)))
  assert.deepEqual((await cosigned()).filter((cosigner) => cosigner === 'reader'), [])
  assert.deepEqual(await home().register.db.read('SELECT code FROM breach'), [])
  await load(served, 'BB', file)
  assert.deepEqual(await cosigned(), ['reader', 'witness'])
  assert.equal(hall().mirror.known(other.party)?.heads.length, 1)
  // The cosignatures go back, and one that is another's is not taken for BB's.
  const back = await carry(served, 'BB', 'AA')
  const others = await forged(served, 'AA', back, (courier) => ({ ...courier, cosigned: (courier.cosigned ?? []).map((note) => toBase64(flipped(fromBase64(note) as Uint8Array))) }))
  assert.equal((await load(served, 'AA', others)).cosigned, 0)
  assert.equal((await load(served, 'AA', back)).cosigned, 2)
})
