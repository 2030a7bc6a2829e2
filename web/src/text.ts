// The language in force, and its words.
import { computed, signal } from '@preact/signals'
import { en, type Key } from './text/en.ts'
import { zh } from './text/zh.ts'

export type Language = 'en' | 'zh'

function stored(): Language {
  const kept = localStorage.getItem('graftline.language')
  if (kept === 'en' || kept === 'zh') return kept
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}

export const language = signal<Language>(stored())
const words = computed<Record<Key, string>>(() => (language.value === 'zh' ? zh : en))

export function setLanguage(to: Language): void {
  localStorage.setItem('graftline.language', to)
  language.value = to
  document.documentElement.lang = to === 'zh' ? 'zh-Hans' : 'en'
}

export function t(key: Key, ...values: (string | number)[]): string {
  return words.value[key].replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)] ?? ''))
}

// A word of the server that the catalogue may know: "hold", "prophylactic". As the server wrote it, otherwise.
export function word(group: string, name: string): string {
  const key = `${group}.${name}`
  return key in words.value ? words.value[key as Key] : name
}

export type { Key }
