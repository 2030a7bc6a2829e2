// Fills a running server with the demonstration: the cohort's bundles and the stock, through the API, as people would.
//   node demo.mjs BASE EXAMPLES PASSWORD
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [base, examples, password] = process.argv.slice(2)

async function signIn(account) {
  const answer = await fetch(`${base}/api/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ account, password }),
  })
  if (!answer.ok) throw new Error(`${account} cannot sign in: ${await answer.text()}`)
  const cookie = answer.headers.get('set-cookie').split(';')[0]
  const { csrf } = await answer.json()
  return async (method, path, body, type) => {
    const said = await fetch(base + path, {
      method,
      headers: { Cookie: cookie, 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID(), ...(type ? { 'Content-Type': type } : {}) },
      body,
    })
    const text = await said.text()
    if (!said.ok) throw new Error(`${method} ${path}: ${said.status} ${text}`)
    return JSON.parse(text)
  }
}

const coordinator = await signIn('cora')
const cohort = join(examples, 'cohort')
const files = readdirSync(cohort).filter((name) => name.endsWith('.json'))
const jobs = []
for (const name of files) {
  jobs.push((await coordinator('POST', `/api/imports?name=${name}`, readFileSync(join(cohort, name)), 'application/fhir+json')).id)
}
const lab = await signIn('lena')
await lab('POST', '/api/stock', readFileSync(join(examples, 'stock.csv')), 'text/csv')
for (const id of jobs) {
  for (;;) {
    const job = await coordinator('GET', `/api/jobs/${id}`)
    if (job.state === 'done') break
    if (job.state === 'failed' || job.state === 'cancelled') throw new Error(`${job.name}: ${job.problem}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
console.log(`${files.length} patients and the stock`)
