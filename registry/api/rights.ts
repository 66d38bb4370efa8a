// Who may do what at the API, by the table of core/rules/rights.ts.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { samePerson } from '@muster/core/rules/two-people.ts'
import { MAY_DO, MAY_SEE, whyNot, type No, type Row } from '@muster/core/rules/rights.ts'
import type { Home } from '../home.ts'
import type { Bearer } from '../store/tokens.ts'
import type { Act } from './act.ts'
import type { Pending } from './pending.ts'

/** Refused with who may do it, or look at it. */
export function demandRight(bearer: Bearer, row: Row): Bearer {
  const no = whyNot(bearer.rights, row)
  if (no === undefined) return bearer
  throw new Refusal<No>(no, no === 'rights/role' ? `${row} is for: ${(MAY_DO[row] ?? MAY_SEE[row] ?? []).join(', ') || 'nobody'}` : `${row} is of the whole register, and ${bearer.person} keeps a part of it`)
}

/** Whoever asked for an act, and whoever could approve it, sees what waits: of the part of the register that they keep. */
export async function mayKnowOf(home: Home, acts: readonly Act[], { person, rights }: Bearer, { act, by, body }: Pick<Pending, 'act' | 'by' | 'body'>): Promise<boolean> {
  if (samePerson(by, person)) return true
  if (whyNot(rights, act) !== undefined) return false
  const found = acts.find(({ family, act: name }) => `${family}/${name}` === act)
  try {
    await found?.within?.(home, body, rights.scope)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
