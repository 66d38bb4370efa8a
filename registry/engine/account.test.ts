import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountNamed, accountOwning, canUse, chooseAccount } from './account.ts'

const root = process.getuid?.() === 0
const needsRoot = { skip: root ? false : 'needs root' }

test('an ordinary caller runs PostgreSQL as himself', { skip: root ? 'the caller is root' : false }, () => {
  assert.deepEqual(chooseAccount(), { name: userInfo().username, uid: process.getuid?.(), gid: process.getgid?.(), self: true })
})

test('root runs PostgreSQL under the first account that exists, never under one of its own kind', needsRoot, () => {
  const chosen = chooseAccount(['no-such-account-here', 'root', 'nobody'])
  assert.equal(chosen.name, 'nobody')
  assert.notEqual(chosen.uid, 0)
  assert.equal(chosen.self, false)
})

test('where no account exists root is told which were tried and what to do', needsRoot, () => {
  assert.throws(() => chooseAccount(['no-such-account-here', 'root']), {
    code: 'engine-refused',
    message: /refuses to run as root.*no-such-account-here: no such account; root: no such account.*useradd --system postgres.*DATABASE_URL/,
  })
})

test('what an account can enter is asked of the system, every folder above included', needsRoot, () => {
  const nobody = accountNamed('nobody')
  assert.ok(nobody)
  const folder = mkdtempSync(join(tmpdir(), 'muster-account-'))
  try {
    const inner = join(folder, "it's $HOME; a `name`")
    mkdirSync(inner, { mode: 0o755 })
    assert.equal(canUse(nobody, inner, 'enter'), false)
    chmodSync(folder, 0o711)
    assert.equal(canUse(nobody, inner, 'enter'), true)
    assert.equal(canUse(nobody, join(folder, 'absent'), 'enter'), false)
    assert.equal(canUse(nobody, '/bin/sh', 'run'), true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a cluster is run by the account that owns it, and root owns none', needsRoot, () => {
  assert.deepEqual(accountOwning('/x', { uid: 4711, gid: 4712 }), { name: 'user id 4711', uid: 4711, gid: 4712, self: false })
  assert.throws(() => accountOwning('/x', { uid: 0, gid: 0 }), { code: 'engine-refused' })
})
