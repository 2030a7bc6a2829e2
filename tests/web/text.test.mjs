// Every word of the pages stands in a catalogue; both catalogues have the same words; doses are written and read as the
// rules say; the whole page is small.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'

const web = new URL('../../web/', import.meta.url).pathname

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? sources(join(folder, one.name)) : one.name.endsWith('.tsx') ? [join(folder, one.name)] : [],
  )
}

test('no words stand in the screens themselves', () => {
  const found = []
  for (const file of sources(join(web, 'src'))) {
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/(?<!=)>\s*([^<>{}=;()]*[A-Za-z]{3,}[^<>{}=;()]*)\s*</g)) {
      const words = match[1].trim()
      if (words === 'graftline' || /\b(case|return|default|Promise)\b|[?:'`]/.test(words)) continue // the name; program text
      found.push(`${file}: ${words}`)
    }
    for (const match of text.matchAll(/(?:aria-label|title|label|placeholder)="([^"]*[A-Za-z]{3,}[^"]*)"/g)) found.push(`${file}: ${match[1]}`)
  }
  assert.deepEqual(found, [])
})

test('both languages have every word, and no placeholder is lost', () => {
  const words = (name) => {
    const text = readFileSync(join(web, 'src/text', name), 'utf8')
    return new Map([...text.matchAll(/^ {2}'([^']+)': '((?:[^'\\]|\\.)*)'/gm)].map((m) => [m[1], m[2]]))
  }
  const en = words('en.ts')
  const zh = words('zh.ts')
  assert.ok(en.size > 200)
  assert.deepEqual([...zh.keys()].sort(), [...en.keys()].sort())
  for (const [key, text] of en) {
    const holes = (s) => [...s.matchAll(/\{\d\}/g)].map((m) => m[0]).sort()
    assert.deepEqual(holes(zh.get(key)), holes(text), key)
  }
  assert.notEqual(zh.get('strategy.preemptive'), zh.get('strategy.prophylactic'))
})

test('script and style together are under 150 kB compressed', () => {
  let total = 0
  for (const name of ['index.html', 'assets/graftline.js', 'assets/graftline.css']) total += gzipSync(readFileSync(join(web, 'dist', name)), { level: 9 }).length
  assert.ok(total < 150_000, `${total} bytes`)
})
