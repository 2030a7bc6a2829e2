// A browser, pages in every look, and what must hold of each: no finding of axe, nothing that scrolls sideways, no dose
// that could be misread.
import { createRequire } from 'node:module'
import { existsSync, readFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const modules = process.env.WEB_MODULES
const require = createRequire(join(modules, 'package.json'))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const base = process.env.WEB_BASE
export const shots = process.env.WEB_SHOTS
mkdirSync(shots, { recursive: true })

export async function open() {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)
  return chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

export const looks = ['en', 'zh'].flatMap((language) =>
  ['light', 'dark'].flatMap((theme) => [320, 1440].map((width) => ({ language, theme, width }))),
)

export async function page(browser, { language = 'en', theme = 'light', width = 1440 } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: width < 700 ? 700 : 900 },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: theme,
  })
  await context.addInitScript(
    ([l, t]) => {
      if (location.protocol === 'about:') return
      localStorage.setItem('graftline.language', l)
      localStorage.setItem('graftline.theme', t)
    },
    [language, theme],
  )
  const opened = await context.newPage()
  opened.problems = []
  opened.on('pageerror', (error) => opened.problems.push(String(error)))
  opened.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) opened.problems.push(message.text())
  })
  return opened
}

// Signs in by keyboard alone.
export async function signIn(on, account) {
  await on.goto(base)
  await on.locator('input[autocomplete=username]').focus()
  await on.keyboard.type(account)
  await on.keyboard.press('Tab')
  await on.keyboard.type(process.env.WEB_PASSWORD)
  await on.keyboard.press('Enter')
  await on.locator('nav a').first().waitFor()
}

// Tab until an element that the selector finds has the focus.
export async function tabTo(on, selector, most = 200) {
  for (let i = 0; i < most; ++i) {
    const found = await on.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)
    if (found) return
    await on.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${selector}`)
}

const misread = [
  [/(^|[\s(])\.\d/, 'a number without its leading zero'],
  [/\d\s?[eE][+-]?\d/, 'E notation'],
  [/\d\.\d*0 (×|million|billion|mL\b|kg\b|百万|十亿)/, 'a trailing zero'],
  [/\dx10/, 'a power of ten written as x10'],
  [/\d(mL|kg)\b/, 'no space between number and unit'],
]

// What is wrong with the page as it is now; empty when nothing is.
export async function faults(on, name) {
  const found = [...on.problems.map((problem) => `script: ${problem}`)]
  on.problems.length = 0
  await on.evaluate(axe)
  const result = await on.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  for (const one of result.violations) {
    found.push(`axe ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)
  }
  const wide = await on.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth])
  if (wide[0] > wide[1]) found.push(`scrolls sideways: ${wide[0]} px of content in ${wide[1]} px`)
  // Protocol texts and the log are quoted as written; everything else follows the rules of doses.
  const text = await on.evaluate(() => {
    const copy = document.body.cloneNode(true)
    for (const quoted of copy.querySelectorAll('pre, code, .small, td:last-child, .tree, dd')) quoted.remove()
    document.body.append(copy)
    const said = copy.innerText
    copy.remove()
    return said
  })
  for (const line of text.split('\n')) {
    for (const [pattern, what] of misread) if (pattern.test(line)) found.push(`${what}: ${line.trim().slice(0, 120)}`)
  }
  if (!/research use|仅供研究使用/i.test(text)) found.push('no research-use line')
  return found.map((fault) => `${name}: ${fault}`)
}
