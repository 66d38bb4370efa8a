// A real Chromium from npm, in a folder of its own that goes with it: whatever else lies in the temporary folder of this machine is not run.
import { createRequire } from 'node:module'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

/** Everything that such a process needs: most machines without a desktop have none of these libraries. */
const ARCHIVES = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'] as const

export interface Opened {
  readonly browser: Browser
  /** A page of a fresh profile. Any error in its console, any refusal of its policy and any request that fails is kept in `wrong`. */
  readonly page: (options?: BrowserContextOptions) => Promise<{ readonly page: Page, readonly wrong: string[] }>
  readonly close: () => Promise<void>
}

/** Unpacks and starts it. The package asks the environment where the temporary folder is, so the folder stands there while it unpacks. */
export async function openBrowser(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-chromium-'))
  const before = env.TMPDIR
  env.TMPDIR = folder
  try {
    const { inflate } = await import('@sparticuz/chromium')
    const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin')
    const [executablePath] = await Promise.all(ARCHIVES.map((name) => inflate(join(packed, name))))
    const home = join(folder, 'home')
    await mkdir(home)
    await writeFile(join(folder, 'fonts', 'fonts.conf'), fontsIn(join(folder, 'fonts')))
    const libraries = [join(folder, 'al2023', 'lib'), env.LD_LIBRARY_PATH ?? ''].filter((each) => each !== '').join(':')
    const browser = await chromium.launch({
      executablePath: executablePath as string, headless: true, chromiumSandbox: false, args: ['--headless=shell', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
      env: { PATH: env.PATH ?? '', HOME: home, TMPDIR: folder, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: join(folder, 'fonts') },
    })
    return { browser, page: (options) => openPage(browser, options), close: () => closeAll(browser, folder) }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    if (before === undefined) delete env.TMPDIR
    else env.TMPDIR = before
  }
}

/** The one family that the package brings, Cyrillic included, so that pictures are the same on every machine. */
function fontsIn(folder: string): string {
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'cache')}</cachedir></fontconfig>`
}

async function openPage(browser: Browser, options: BrowserContextOptions = {}): ReturnType<Opened['page']> {
  const page = await (await browser.newContext(options)).newPage()
  const wrong: string[] = []
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text()) })
  page.on('pageerror', (error) => { wrong.push(String(error)) })
  page.on('requestfailed', (request) => { wrong.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`) })
  return { page, wrong }
}

async function closeAll(browser: Browser, folder: string): Promise<void> {
  await browser.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** What axe finds against WCAG 2.2 AA. It is handed to the page by the debugger, whom the page's policy does not bind. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run: (options: unknown) => Promise<{ readonly violations: readonly { readonly id: string, readonly nodes: readonly { readonly html: string }[] }[] }> } }
    const { violations: found } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  })
}
