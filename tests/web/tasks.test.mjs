// The five tasks, by keyboard: find who is due; see why not; plan dose and bag; double check by two accounts; enter a GVHD
// stage and see the hold.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { base, open, page, shots, signIn, tabTo } from './browser.mjs'

const day = '2026-03-02'
let browser
before(async () => {
  browser = await open()
})
after(() => browser?.close())

async function choose(on, selector, value) {
  await tabTo(on, selector)
  await on.evaluate(
    ([s, v]) => {
      const field = document.querySelector(s)
      field.value = v
      field.dispatchEvent(new Event('change', { bubbles: true }))
    },
    [selector, value],
  )
}

test('a coordinator finds who is overdue, due and blocked', async () => {
  const on = await page(browser)
  await signIn(on, 'cora')
  await on.goto(`${base}/#/due?as_of=${day}`)
  const overdue = on.locator('section[aria-labelledby=lane-overdue]')
  await overdue.getByText('R-1002').waitFor()
  assert.match(await overdue.innerText(), /14 days overdue/)
  assert.match(await on.locator('section[aria-labelledby=lane-due]').innerText(), /R-1001/)
  assert.match(await on.locator('section[aria-labelledby=lane-blocked]').innerText(), /R-1006[\s\S]*left ventricular ejection fraction/)
  await on.screenshot({ path: `${shots}/due-list.png`, fullPage: true })
})

test('a physician sees why not: the unknown is named, with what would decide', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/due?as_of=${day}`)
  await on.locator('a[href*="R-1006/decision"]').first().focus()
  await on.keyboard.press('Enter')
  await on.locator('article').first().waitFor()
  await on.goto(`${base}/#/patients/R-1006/decision?protocol=nct07319793&as_of=${day}`)
  const article = on.locator('article[aria-label=nct07319793]')
  await article.waitFor()
  const text = await article.innerText()
  assert.match(text, /need data/)
  assert.match(text, /left ventricular ejection fraction/)
  assert.match(text, /never measured/)
  const criterion = article.locator('summary', { hasText: 'E12' })
  assert.match(await criterion.innerText(), /unknown/)
  await criterion.focus()
  await on.keyboard.press('Enter')
  assert.match(await article.locator('details[open]').first().innerText(), /Source/)
  await on.screenshot({ path: `${shots}/decision.png`, fullPage: true })
})

let order = ''

test('a physician plans dose and bag, and orders', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/patients/R-1001/plan?protocol=nct07319793&as_of=${day}`)
  await on.getByText('1001-A').first().waitFor()
  await on.screenshot({ path: `${shots}/plan.png`, fullPage: true })
  await on.goto(`${base}/#/patients/R-1001/bags?protocol=nct07319793&as_of=${day}`)
  await on.getByRole('heading', { name: 'New order' }).waitFor()
  const form = 'form'
  await tabTo(on, `${form} input[inputmode=decimal][size="6"]`)
  await on.keyboard.type('3')
  await on.keyboard.press('Tab')
  await choose(on, `${form} select:nth-of-type(1)`, '7')
  const kinds = on.locator('form select').nth(1)
  await kinds.selectOption('CD3')
  await tabTo(on, `${form} input[size="8"]`)
  await on.keyboard.type('58')
  await tabTo(on, `${form} input[size="22"]`)
  await on.keyboard.type('1e9')
  assert.match(await on.locator('form').last().innerText(), /misread/)
  for (let i = 0; i < 3; ++i) await on.keyboard.press('Backspace')
  await on.keyboard.type('1.74 billion')
  await tabTo(on, `${form} input[list]`)
  await on.keyboard.type('1001-A')
  await on.keyboard.press('Tab')
  await on.keyboard.type('54.38')
  await on.screenshot({ path: `${shots}/order-form.png`, fullPage: true })
  await tabTo(on, 'form button.danger')
  await on.keyboard.press('Enter')
  await on.waitForURL(/#\/orders\//)
  order = decodeURIComponent(new URL(on.url()).hash.split('/')[2])
  await on.getByText('waits for the second person').waitFor()
})

test('the second person works it out without seeing the first figures; then both are compared', async () => {
  assert.notEqual(order, '', 'an order was made')
  const on = await page(browser)
  await signIn(on, 'cora')
  await on.goto(`${base}/#/orders/${encodeURIComponent(order)}`)
  await on.getByRole('heading', { name: 'Check independently' }).waitFor()
  const seen = await on.locator('main').innerText()
  assert.doesNotMatch(seen, /54\.38|1\.74|1001-A/, 'nothing of the first calculation is shown')
  const sent = await on.evaluate(async (id) => (await fetch(`/api/orders/${id}`)).text(), encodeURIComponent(order))
  assert.doesNotMatch(sent, /54\.38|1740000000|1001-A/, 'nor is it sent')
  await on.screenshot({ path: `${shots}/check-form.png`, fullPage: true })
  const fields = on.locator('form').first()
  await fields.locator('input[size="6"]').focus()
  await on.keyboard.type('3')
  await fields.locator('select').nth(0).selectOption('7')
  await fields.locator('select').nth(1).selectOption('CD3')
  await fields.locator('input[size="8"]').first().focus()
  await on.keyboard.type('58')
  await on.keyboard.press('Tab')
  await on.keyboard.type('1,740,000,000')
  await on.keyboard.press('Tab')
  await on.keyboard.type('1001-A')
  await on.keyboard.press('Tab')
  await on.keyboard.type('54.38')
  await tabTo(on, 'form button.danger')
  await on.keyboard.press('Enter')
  await on.getByText('checked by two').waitFor()
  assert.match(await on.locator('table').first().innerText(), /agrees/)
  await on.screenshot({ path: `${shots}/checked.png`, fullPage: true })
})

test('the account that ordered cannot check its own order', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/orders/${encodeURIComponent(order)}`)
  await on.getByText('checked by two').waitFor()
  assert.equal(await on.getByRole('heading', { name: 'Check independently' }).count(), 0)
})

test('a GVHD stage entered organ by organ brings a hold that is seen at once', async () => {
  const on = await page(browser)
  await signIn(on, 'phil')
  await on.goto(`${base}/#/patients/R-1014/entry?as_of=${day}`)
  await on.locator('input[pattern]').first().waitFor()
  for (const stage of ['2', '0', '0', '0']) {
    const legend = await on.locator('legend').last().innerText()
    const choice = on.locator('fieldset label', { hasText: `Stage ${stage}` }).first().locator('input')
    await choice.focus()
    await on.keyboard.press('Space')
    await on.screenshot({ path: `${shots}/gvhd-step.png`, fullPage: true })
    await tabTo(on, 'button.main')
    await on.keyboard.press('Enter')
    await on.waitForFunction((before) => [...document.querySelectorAll('legend')].at(-1)?.innerText !== before, legend)
  }
  await tabTo(on, 'button.main')
  await on.keyboard.press('Enter')
  await on.getByRole('heading', { name: 'What the protocols say now' }).waitFor()
  const then = on.locator('section[aria-live]').last()
  await then.getByText('ebmt-2024').waitFor()
  const said = await then.innerText()
  assert.match(said, /hold/)
  await on.screenshot({ path: `${shots}/gvhd-hold.png`, fullPage: true })
})
