// Corrections: the only way to take back what was recorded. A correction names the event, says how it was wrong, and leaves a history that the
// law permits; what it takes back stays in the record.
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent, EventOf } from './custody-event.ts'
import { checkWalk } from './act.ts'
import { corrections, fold, inForce } from './holding.ts'

export type CorrectionCode =
  | 'correction/no-such-event' | 'correction/already-corrected' | 'correction/first-event' | 'correction/only-first-event' | 'correction/nothing-instead' | 'correction/something-instead'
  | 'correction/of-a-correction' | 'correction/breaks-history' | 'correction/being-counted' | 'correction/happened-after-written'

/** Undefined where the correction may stand after `events`. */
export function checkCorrection(
  events: readonly CustodyEvent[], correction: EventOf<'corrected'>, sitesBeingCounted: ReadonlySet<string> = new Set(),
): Refusal<CorrectionCode> | undefined {
  return checkTarget(events, correction) ?? checkInstead(correction) ?? checkHistory([...events, correction], events, sitesBeingCounted)
}

function checkTarget(events: readonly CustodyEvent[], { data: { of, how } }: EventOf<'corrected'>): Refusal<CorrectionCode> | undefined {
  const target = events[of]
  if (target === undefined) return new Refusal('correction/no-such-event', `the item has no event ${of}`, 'data.of')
  const { voided, error } = corrections(events)
  if (voided.has(of)) return new Refusal('correction/already-corrected', `event ${of} is taken back already: correct that correction instead`, 'data.of')
  if (error !== undefined && of !== error.seq) return new Refusal('correction/already-corrected', `the item was entered in error, by event ${error.seq}: only that can be corrected`, 'data.of')
  if (target.kind === 'corrected' && how !== 'did-not-occur') return new Refusal('correction/of-a-correction', `event ${of} is a correction: it can only be taken back (did-not-occur)`, 'data.how')
  const first = of === firstInForce(events)
  if (how === 'did-not-occur' && first) return new Refusal('correction/first-event', 'without its first event the item would not be there: say entered-in-error', 'data.how')
  if (how === 'entered-in-error' && !first) return new Refusal('correction/only-first-event', 'entered-in-error is said of the event by which the item entered the register', 'data.of')
  return undefined
}

function firstInForce(events: readonly CustodyEvent[]): number | undefined {
  return inForce(events)[0]?.seq
}

function checkInstead({ data: { how, instead }, written }: EventOf<'corrected'>): Refusal<CorrectionCode> | undefined {
  if (how === 'incorrect-data' && instead === undefined) return new Refusal('correction/nothing-instead', 'say what is right instead', 'data.instead')
  if (how !== 'incorrect-data' && instead !== undefined) return new Refusal('correction/something-instead', `${how} takes the event back: record what is right as incorrect-data, or as an event of its own`, 'data.instead')
  if (instead !== undefined && instead.happened > written) return new Refusal('correction/happened-after-written', `it cannot have happened at ${instead.happened}: it is ${written} now`, 'data.instead.happened')
  return undefined
}

/** All events in force must follow on one another once the correction stands; the item neither vanishes nor moves under an open count. */
function checkHistory(after: readonly CustodyEvent[], before: readonly CustodyEvent[], sitesBeingCounted: ReadonlySet<string>): Refusal<CorrectionCode> | undefined {
  const { holding, refused } = checkWalk(inForce(after))
  if (refused !== undefined) {
    const { event: { seq, kind }, refusal } = refused
    return new Refusal('correction/breaks-history', `event ${seq} (${kind}) could not stand on what then remains: ${refusal.message}; correct event ${seq} first`, 'data.of')
  }
  for (const place of [fold(before)?.place, holding?.place]) {
    const moved = JSON.stringify(fold(before)?.place) !== JSON.stringify(holding?.place)
    if (moved && typeof place?.site === 'object' && sitesBeingCounted.has(place.site.code)) {
      return new Refusal('correction/being-counted', `a count is open at ${place.site.code}: what is being counted does not move; correct it when the count is closed`, 'data.of')
    }
  }
  return undefined
}
