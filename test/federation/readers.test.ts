// A declaration and the readers of the other parties, some of which never answer.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseNote } from '@muster/core/proof/note.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { collectReaders, sequence } from '@muster/registry/main.ts'
import { declare, newestDeclaration } from '@muster/registry/log/declare.ts'
import { BB, oneRegistry, type One } from './one.ts'
import { cosigns, type Puppet } from './puppet.ts'

const [CC, DD] = ['CC', 'DD'] as PartyId[] as [PartyId, PartyId]
const READER = '/reader/add-checkpoint'
let one: One

const declaring = async () => {
  await declare(one.hall().log, one.home().now())
  await sequence(one.home(), one.hall())
}
const signed = async () => parseNote((await newestDeclaration(one.hall().log))?.note ?? '').signatures.map(({ name }) => name.split('/').at(-1))

before(async () => { one = await oneRegistry({ quorum: 3 }, [BB, CC, DD]) })
after(async () => { await one.remove() })

test('whoever declares waits some seconds for a reader that hangs once a quorum has read, keeps what came and is told how many', { timeout: 20_000 }, async () => {
  const [bb, cc, dd] = one.puppets as [Puppet, Puppet, Puppet]
  bb.instead.set(READER, cosigns(bb, 'reader'))
  cc.instead.set(READER, () => undefined)
  dd.instead.set(READER, (request, response) => { setTimeout(() => { cosigns(dd, 'reader')(request, response) }, 1_000) })
  await declaring()
  const heard: number[] = []
  assert.deepEqual(await collectReaders(one.home(), one.hall(), { onRead: (read) => { heard.push(read) }, late_ms: 500 }), { read: 3, of: 4 })
  assert.deepEqual(heard, [1, 2, 3])
  assert.equal((await signed()).length, 2 + 3, 'two signatures of the log and three readers')
  cc.instead.set(READER, cosigns(cc, 'reader'))
  assert.deepEqual(await collectReaders(one.home(), one.hall()), { read: 4, of: 4 }, 'asked again, and only the one that had not')
  assert.equal((await signed()).length, 2 + 4)
})

test('without a quorum it waits so long and no longer, and leaves nothing under way', { timeout: 20_000 }, async () => {
  for (const { instead } of one.puppets) instead.set(READER, () => undefined)
  await declaring()
  const began = performance.now()
  assert.deepEqual(await collectReaders(one.home(), one.hall(), { ms_max: 2_000 }), { read: 1, of: 4 })
  assert.ok(performance.now() - began >= 1_900)
  assert.equal((await signed()).length, 2 + 1)
})
