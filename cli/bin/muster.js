#!/usr/bin/env node
// Plain JavaScript that any Node 20 can read. Muster's TypeScript runs unbuilt under Node 24; this finds one and hands over:
// arguments, standard streams, exit code and signals pass through unchanged.
//   muster VERB …            the command line
//   muster --run FILE …      any script of the project (the start of every npm script)
// What Node compiles is kept in the project's own node_modules/.cache/muster, so that the next command need not read and compile it again. Kept
// code is run unread, so the folder must be one that only this user or root can write; where it is not, nothing is kept. NODE_COMPILE_CACHE
// names another folder, NODE_DISABLE_COMPILE_CACHE=1 keeps nothing.
import { spawn } from 'node:child_process'
import { accessSync, constants as file, existsSync, lstatSync, mkdirSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers'
import { isatty } from 'node:tty'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Node 24.12 reads TypeScript without a warning; ML-DSA came with 24.6. */
const NEEDED = [24, 12]
const EXIT_USAGE = 2
const EXIT_FAULT = 3
const PASSED_ON = ['SIGTERM', 'SIGHUP']
/** The terminal itself sends these to every process of the group: passed on from there they would arrive twice. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT']
const WRITABLE_BY_OTHERS = 0o022
const here = dirname(fileURLToPath(import.meta.url))
const platform = `${process.platform}-${process.arch}`

/** Path of the Node 24 that npm installed for the platform; undefined where there is none. */
function installedNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${os}-${process.arch}/package.json`)
    const file = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

/** The folder for compiled code under `modules`; undefined where it cannot be made or written, or where anybody but this user and root can write to it. */
function ownCache(modules) {
  const user = process.getuid?.()
  if (user === undefined || !existsSync(modules)) return undefined
  let folder = modules
  try {
    for (const name of ['.cache', 'muster']) {
      folder = join(folder, name)
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
      const found = lstatSync(folder)
      if (!found.isDirectory() || (found.uid !== user && found.uid !== 0) || (found.mode & WRITABLE_BY_OTHERS) !== 0) return undefined
    }
    accessSync(folder, file.W_OK)
    return folder
  } catch {
    return undefined
  }
}

/** Has this process and all that it starts keep what they compile; what the environment says about it already stands. */
function keepCompiled() {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env
  if (NODE_COMPILE_CACHE !== undefined || NODE_DISABLE_COMPILE_CACHE !== undefined || NODE_V8_COVERAGE !== undefined) return
  const folder = ownCache(join(here, '..', '..', 'node_modules'))
  if (folder === undefined) return
  process.env.NODE_COMPILE_CACHE = folder
  if (recent) module.enableCompileCache(folder)
}

/** Ends as the child ended: by the same signal where it died of one, so that a shell or `make` sees what happened. */
function endAs(code, signal) {
  if (signal === null) process.exit(code ?? EXIT_FAULT)
  process.removeAllListeners(signal)
  process.exitCode = 128 + (constants.signals[signal] ?? 0)
  try {
    process.kill(process.pid, signal)
  } catch {
    process.exit()
  }
  setTimeout(() => process.exit(), 100)
}

/** @param {string} node @param {string[]} words */
function handOver(node, words) {
  const child = spawn(node, words, { stdio: 'inherit', env: { ...process.env, MUSTER_LAUNCHER: String(process.pid) } })
  const onTerminal = [0, 1, 2].some((stream) => isatty(stream))
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal))
  for (const signal of FROM_TERMINAL) process.on(signal, () => { if (!onTerminal) child.kill(signal) })
  child.on('error', (error) => {
    process.stderr.write(`muster: ${node} cannot be started on this machine (${error.message}): install Node ${NEEDED.join('.')} or newer and run the same command with it.\n`)
    process.exit(EXIT_FAULT)
  })
  child.on('exit', endAs)
}

const words = process.argv.slice(2)
const script = words[0] === '--run' ? words[1] && resolve(words[1]) : join(here, '..', 'main.ts')
const rest = words[0] === '--run' ? words.slice(2) : words
const [major, minor] = process.versions.node.split('.').map(Number)
const recent = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
const node = recent ? process.execPath : installedNode()

if (script === undefined || !existsSync(script)) {
  process.stderr.write(`muster: --run takes the path of a script: ${script ?? 'none given'}\n`)
  process.exitCode = EXIT_USAGE
} else if (node === undefined) {
  process.stderr.write(`muster: no Node ${NEEDED[0]} for ${platform} came with the installation: install Node ${NEEDED.join('.')} or newer and run the same command with it.\n`)
  process.exitCode = EXIT_FAULT
} else if (recent) {
  keepCompiled()
  process.argv.splice(1, process.argv.length, script, ...rest)
  await import(pathToFileURL(script).href)
} else {
  keepCompiled()
  handOver(node, [script, ...rest])
}
