// What a registry shows at its HTTP door, and to whom.
import { createHash } from 'node:crypto'
import { fromBase64 } from '@muster/core/bytes/bytes.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { isAgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { read, witness } from './cosigners.ts'
import { takeOffered } from './delivery/door.ts'
import { textOf } from './engine/fault.ts'
import type { Hall, Home } from './home.ts'
import type { Door } from './http/door.ts'
import { secretariatHolder, ticketHolder } from './http/ticket.ts'
import { declarationFolder, logFolder } from './log/own-log.ts'
import { receiptProof } from './log/receipt-proof.ts'
import { lastCosigned } from './log/witness.ts'
import { declarationCopy } from './peer/mirror.ts'
import { callsTold, dutiesTold } from './secretariat.ts'

export interface MessageDoor { (home: Home, hall: Hall, body: Uint8Array): Promise<{ readonly status: number, readonly body: string }> }

interface Known { readonly hall: Hall, readonly party: PartyTrust, readonly origin: string, readonly head?: string }

/** The log or declaration whose origin has that SHA-256. */
function knownBy(home: Home, originHash: string): Known | undefined {
  const is = (origin: string) => createHash('sha256').update(origin).digest('hex') === originHash
  for (const hall of home.halls.values()) {
    for (const party of hall.joined.trust.parties.values()) {
      if (is(party.origin)) return { hall, party, origin: party.origin }
      for (const { head } of hall.mirror.known(party.party)?.heads ?? []) {
        const origin = `${party.origin}/d/${head.hash}`
        if (is(origin)) return { hall, party, origin, head: head.hash }
      }
    }
  }
  return undefined
}

/** The party whose valid ticket it is. */
function holderOf(home: Home, { joined: { agreement, trust } }: Hall, ticket: string | undefined): PartyId | undefined {
  return ticketHolder(ticket, home.register.file.party, agreement.id, home.now(), (party) => {
    const key = trust.parties.get(party)?.message.ed25519
    return key === undefined ? undefined : fromBase64(key)
  })
}

function isSecretariat(home: Home, { joined: { agreement } }: Hall, what: 'calls' | 'duties', ticket: string | undefined): boolean {
  return secretariatHolder(ticket, { host: home.register.file.party, agreement: agreement.id, what }, home.now(), (id) => agreement.secretariats?.find((each) => each.id === id)) !== undefined
}

export function doorOf(home: Home, message: MessageDoor): Door {
  const hallOf = (agreement: string) => isAgreementId(agreement) ? home.halls.get(agreement) : undefined
  return {
    logFolder: (agreement) => {
      const hall = hallOf(agreement)
      return hall === undefined ? undefined : logFolder(hall.log)
    },
    declarationFolder: (agreement, headHash, ticket) => {
      const hall = hallOf(agreement)
      return hall === undefined || holderOf(home, hall, ticket) === undefined ? undefined : declarationFolder(hall.log, headHash)
    },
    readerFolder: (originHash, ticket) => {
      const known = knownBy(home, originHash)
      if (known?.head === undefined || holderOf(home, known.hall, ticket) === undefined) return undefined
      return declarationCopy(home.register.dataDir, known.hall.joined.agreement.id, known.party.party, known.head)
    },
    witness: (body) => witness(home, body),
    witnessed: async (originHash) => {
      const known = knownBy(home, originHash)
      return known === undefined || known.head !== undefined ? undefined : (await lastCosigned(known.hall.log, 'witness', known.origin))?.note
    },
    reader: (body) => read(home, body),
    read: async (originHash) => {
      const known = knownBy(home, originHash)
      return known?.head === undefined ? undefined : (await lastCosigned(known.hall.log, 'reader', known.origin))?.note
    },
    proof: async (agreement, messageId, ticket) => {
      const hall = hallOf(agreement)
      const asker = hall === undefined ? undefined : holderOf(home, hall, ticket)
      if (hall === undefined || asker === undefined) return undefined
      const proof = await receiptProof(hall.log, asker, messageId)
      return typeof proof === 'object' ? { json: canonical({ ...proof }) } : proof
    },
    message: async (agreement, body) => {
      const hall = hallOf(agreement)
      return hall === undefined ? undefined : message(home, hall, body)
    },
    offered: async (agreement, body) => {
      const hall = hallOf(agreement)
      return hall === undefined ? undefined : takeOffered(home, hall, body, message)
    },
    secretariat: async (agreement, what, ticket) => {
      const hall = hallOf(agreement)
      return hall === undefined || !isSecretariat(home, hall, what, ticket) ? undefined : (what === 'calls' ? callsTold : dutiesTold)({ register: home.register, joined: hall.joined }, home.now())
    },
    health: () => ({ party: home.register.file.party, exercise: home.register.file.exercise }),
    fault: (error) => { home.report(textOf(error)) },
  }
}
