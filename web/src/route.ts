// The address after #: "#/patients/R-1001/decision?as_of=2026-03-02".
import { signal } from '@preact/signals'

export interface Route {
  parts: string[]
  query: URLSearchParams
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const parts = path.split('/').filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })
  return { parts, query: new URLSearchParams(query) }
}

export const route = signal<Route>(read())
addEventListener('hashchange', () => {
  const before = route.value.parts.join('/')
  route.value = read()
  if (before !== route.value.parts.join('/')) {
    scrollTo(0, 0)
    document.getElementById('main')?.focus()
  }
})

export function link(parts: string[], query: Record<string, string | undefined> = {}): string {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) asked.set(name, value)
  const text = asked.toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`
}

export function go(to: string): void {
  location.hash = to
}

// Changes one word of the query and stays on the page.
export function ask(name: string, value: string): void {
  const { parts, query } = route.value
  const next = new URLSearchParams(query)
  if (value) next.set(name, value)
  else next.delete(name)
  const text = next.toString()
  history.replaceState(null, '', `#/${parts.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`)
  route.value = { parts, query: next }
}
