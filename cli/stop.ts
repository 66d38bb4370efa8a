// When to stop: the first SIGINT or SIGTERM asks, a later one kills. A signal from a terminal reaches launcher and child alike and npm
// passes it on once more, so a second within the pause is the first one's echo.
const ECHO_MS = 500
const ORPHAN_CHECK_MS = 1_000
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * A signal that is raised at the first SIGINT, SIGTERM or SIGHUP. `launcher` is the process id that cli/bin/muster.js hands down
 * (MUSTER_LAUNCHER): should it be killed outright, no signal arrives, and the child that lost its parent stops as well.
 */
export function stopOnSignals(launcher: string | undefined): AbortSignal {
  const stop = new AbortController()
  let asked_ms = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        asked_ms = performance.now()
        stop.abort(signal)
      } else if (performance.now() - asked_ms > ECHO_MS) process.exit(EXIT_BY_SIGNAL[signal])
    })
  }
  if (launcher === String(process.ppid)) {
    const watching = setInterval(() => {
      if (String(process.ppid) === launcher) return
      clearInterval(watching)
      stop.abort('the launcher is gone')
    }, ORPHAN_CHECK_MS)
    watching.unref()
  }
  return stop.signal
}
