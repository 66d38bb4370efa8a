// A bar for work that takes more than a second, with an estimate where it will take more than ten. It writes to standard error and
// takes its line back at the end, so that output which is kept never holds it.
export type Progress = {
  /** So many are done, of all. */
  at(done: number): void
  /** So many more are done. */
  add(more: number): void
  /** The line is taken back. Calling it twice does no harm. */
  end(): void
}

const SHOW_AFTER_MS = 1_000
const ESTIMATE_ABOVE_MS = 10_000
const REDRAW_EVERY_MS = 100
const BAR_COLUMNS = 24

/** Where a bar is drawn; `undefined` columns where there is no terminal. */
export type Screen = { write(text: string): void, readonly columns: number | undefined }

const SILENT: Progress = { at: () => undefined, add: () => undefined, end: () => undefined }

/** 75 000 ms as 1:15. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** The line of a bar: label, bar and per cent where the total is known, count, time left where the whole takes over ten seconds. */
export function barLine(label: string, done: number, total: number | undefined, elapsed_ms: number, columns: number): string {
  if (total === undefined || total <= 0) return `${label}  ${done}  ${clock(elapsed_ms)}`.slice(0, columns)
  const share = Math.min(1, done / total)
  const full = Math.floor(share * BAR_COLUMNS)
  const whole_ms = share > 0 ? elapsed_ms / share : 0
  const left = whole_ms > ESTIMATE_ABOVE_MS ? `  −${clock(whole_ms - elapsed_ms)}` : ''
  return `${label}  ${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)} ${Math.floor(share * 100)} %  ${done}/${total}${left}`.slice(0, columns)
}

/** A bar on `screen`, read against `now` (milliseconds that only go forward). Silent where the screen is no terminal. */
export function startProgress(label: string, total: number | undefined, screen: Screen, now: () => number): Progress {
  const { columns } = screen
  if (columns === undefined) return SILENT
  const began = now()
  let done = 0
  let drawn = -Infinity
  let shown = false
  let over = false
  const draw = (): void => {
    const at = now()
    if (over || at - began < SHOW_AFTER_MS || at - drawn < REDRAW_EVERY_MS) return
    drawn = at
    shown = true
    screen.write(`\r\u001b[2K${barLine(label, done, total, at - began, columns - 1)}`)
  }
  const ticking = setInterval(draw, SHOW_AFTER_MS)
  ticking.unref()
  return {
    at: (count) => { done = count; draw() },
    add: (more) => { done += more; draw() },
    end: () => {
      if (over) return
      over = true
      clearInterval(ticking)
      if (shown) screen.write('\r\u001b[2K')
    },
  }
}
