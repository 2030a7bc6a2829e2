// Every screen, in both languages, light and dark, on a telephone and on a desk: no finding of axe, nothing that scrolls
// sideways, no dose that could be misread, a research-use line. Screenshots are kept to be looked at.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { base, faults, looks, open, page, shots, signIn } from './browser.mjs'

const day = '2026-03-02'
// name, address, what has to appear, who looks
const screens = [
  ['due', `#/due?as_of=${day}`, 'section.lane', 'phil'],
  ['patients', '#/patients', 'main li', 'phil'],
  ['timeline', `#/patients/R-1002/timeline?as_of=${day}`, '.timeline svg', 'phil'],
  ['decision', `#/patients/R-1015/decision?as_of=${day}&protocol=nct07319793,ebmt-2024`, 'article', 'phil'],
  ['plan', `#/patients/R-1001/plan?as_of=${day}&protocol=nct07319793`, 'main table', 'phil'],
  ['bags', `#/patients/R-1001/bags?as_of=${day}&protocol=nct07319793`, '.card', 'phil'],
  ['entry', `#/patients/R-1014/entry?as_of=${day}`, 'fieldset', 'phil'],
  ['orders', '#/orders', 'main', 'phil'],
  ['stock', '#/stock', 'main table', 'lena'],
  ['bag', '#/stock/1001-A', '.detail dl', 'lena'],
  ['import', '#/import', 'form', 'cora'],
  ['protocols', '#/protocols', 'main li', 'phil'],
  ['protocol', '#/protocols/ebmt-2024', 'pre.text', 'phil'],
  ['tools', '#/tools/split', 'form', 'phil'],
  ['admin', '#/admin', 'main table', 'ada'],
  ['nowhere', '#/nowhere', 'main h1', 'ada'],
]

let browser
before(async () => {
  browser = await open()
})
after(() => browser?.close())

for (const look of looks) {
  test(`every screen in ${look.language}, ${look.theme}, ${look.width} px`, async () => {
    const on = await page(browser, look)
    const found = []
    await on.goto(base)
    await on.locator('input[type=password]').waitFor()
    found.push(...(await faults(on, 'login')))
    let who = ''
    for (const [name, address, wanted, account] of screens) {
      if (account !== who) {
        await on.context().clearCookies()
        await on.goto('about:blank')
        await signIn(on, account)
        who = account
      }
      await on.goto(`${base}/${address}`)
      await on.locator(wanted).first().waitFor({ timeout: 20000 }).catch(() => found.push(`${name}: ${wanted} does not appear`))
      found.push(...(await faults(on, name)))
      await on.screenshot({ path: `${shots}/${name}-${look.language}-${look.theme}-${look.width}.png`, fullPage: true })
    }
    assert.deepEqual(found, [])
  })
}

test('stepping through the timeline by keyboard opens each entry, and the slider replays what was known', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/patients/R-1014/timeline?as_of=2026-03-06`)
  await on.locator('.timeline svg').waitFor()
  const all = await on.locator('.timeline svg g g').count()
  await on.locator('.timeline').focus()
  await on.keyboard.press('ArrowRight')
  await on.locator('.detail').waitFor()
  const first = await on.locator('.detail').innerText()
  await on.keyboard.press('ArrowRight')
  assert.notEqual(await on.locator('.detail').innerText(), first)
  await on.locator('input[type=range]').focus()
  await on.keyboard.press('Home')
  await on.waitForFunction((before) => document.querySelectorAll('.timeline svg g g').length < before, all)
})

test('the server gone, the page keeps what it showed and says that it is not live', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/due?as_of=${day}`)
  await on.locator('section.lane').first().waitFor()
  await on.context().setOffline(true)
  await on.goto(`${base}/#/stock`).catch(() => undefined)
  await on.evaluate((d) => (location.hash = `#/due?as_of=${d}`), day)
  await on.locator('.band[role=status]').waitFor()
  assert.match(await on.locator('main').innerText(), /R-1002/)
})
