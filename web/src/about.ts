// What the server said of itself: today, protocols, sites.
import { signal } from '@preact/signals'
import { route } from './route.ts'
import type { About } from './types.ts'

export const about = signal<About | null>(null)

// The day asked about: of the address, else the server's today.
export function asOf(): string {
  return route.value.query.get('as_of') ?? about.value?.today ?? ''
}
