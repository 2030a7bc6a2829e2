import { render } from 'preact'
import { effect } from '@preact/signals'
import './style.css'
import { App } from './app.tsx'
import { get, session } from './api.ts'
import { language, setLanguage } from './text.ts'
import type { Session } from './types.ts'

setLanguage(language.value)
document.documentElement.dataset.theme =
  localStorage.getItem('graftline.theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')

const page = document.getElementById('page')!
get<Session>('/api/session')
  .then((found) => {
    session.value = found
  })
  .catch(() => undefined)
  .finally(() => render(<App />, page))

effect(() => {
  document.title = language.value === 'zh' ? 'graftline：供者淋巴细胞输注' : 'graftline: donor lymphocyte infusion'
})
