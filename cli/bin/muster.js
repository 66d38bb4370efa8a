#!/usr/bin/env node
// Plain JavaScript that any Node 20 can read. Muster's TypeScript runs unbuilt under Node 24; this finds one and hands over:
// arguments, standard streams, exit code and signals pass through unchanged.
//   muster VERB …            the command line
//   muster --run FILE …      any script of the project (the start of every npm script)
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const MAJOR_NEEDED = 24
const here = dirname(fileURLToPath(import.meta.url))

/** Path of a Node 24: this process itself, or the one that npm installed for the platform; undefined where there is neither. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= MAJOR_NEEDED) return process.execPath
  const os = process.platform === 'win32' ? 'win' : process.platform
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${os}-${process.arch}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return undefined
  }
}

const argv = process.argv.slice(2)
const script = argv[0] === '--run' ? resolve(argv[1] ?? '') : join(here, '..', 'main.ts')
const rest = argv[0] === '--run' ? argv.slice(2) : argv
const node = findNode()

if (node === undefined) {
  process.stderr.write(`muster: no Node ${MAJOR_NEEDED} for ${process.platform}-${process.arch} came with the installation: install Node ${MAJOR_NEEDED} or newer and run the same command with it.\n`)
  process.exitCode = 3
} else if (node === process.execPath) {
  process.argv.splice(1, process.argv.length, script, ...rest)
  await import(pathToFileURL(script).href)
} else {
  const child = spawn(node, [script, ...rest], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`muster: ${node} could not be started: ${error.message}\n`)
    process.exitCode = 3
  })
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 3) : 128 + (constants.signals[signal] ?? 0))
  })
}
