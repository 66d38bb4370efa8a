// Trust under one agreement as it is looked at, by the command and by the API.
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Hall, Home } from '../../home.ts'
import { trustSeen } from '../../trust/view.ts'

export async function trustView({ register }: Home, hall: Hall, now: number) {
  const { agreement } = hall.joined
  return { agreement: agreement.id, at: timeOf(now), quorum: agreement.quorum, liars: agreement.liars, windowSeconds: agreement.quota.windowSeconds, ...await trustSeen(register, hall, now) }
}
