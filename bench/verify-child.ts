// One process of the row `verify-dossier`: it does one thing and prints the processor milliseconds of its whole life.
//   loaded                       the start, with everything that verifying imports
//   verify DOSSIER AGREEMENT     `muster verify`, from the files to the verdict
//   signatures ML-DSA ED25519    so many verifications of each, over 200 bytes
const [act, ...words] = process.argv.slice(2)

async function verify(dossier: string, agreement: string): Promise<void> {
  const { verifyCommand } = await import('../cli/verify/main.ts')
  const lines: string[] = []
  const exit = await verifyCommand({ dossier, agreement, json: true, lang: 'en', out: (line) => { lines.push(line) } })
  if (exit !== 0) throw new Error(lines.join('\n'))
}

async function signatures(mldsa44: number, ed25519: number): Promise<void> {
  const { nodePrimitives: p } = await import('@muster/fast/primitives.ts')
  const seed = new Uint8Array(32).fill(7)
  const message = new Uint8Array(200)
  const [mlKey, mlSignature, edKey, edSignature] = [p.mldsa44PublicKey(seed), p.mldsa44Sign(seed, message), p.ed25519PublicKey(seed), p.ed25519Sign(seed, message)]
  // Another message each time: what verified once is remembered, and one that does not verify costs the same.
  const other = (i: number) => message.with(i % message.length, 1 + Math.floor(i / message.length))
  for (let i = 0; i < mldsa44; i++) if (p.mldsa44Verify(mlKey, other(i), mlSignature)) throw new Error('a false signature was taken')
  for (let i = 0; i < ed25519; i++) if (p.ed25519Verify(edKey, other(i), edSignature)) throw new Error('a false signature was taken')
}

if (act === 'verify') await verify(words[0] as string, words[1] as string)
if (act === 'signatures') await signatures(Number(words[0]), Number(words[1]))
if (act === 'loaded') {
  await import('../cli/verify/main.ts')
}
const { user, system } = process.cpuUsage()
process.stdout.write(`${(user + system) / 1000}\n`)
