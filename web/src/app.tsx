// The frame: who is signed in, where one is, the line that says what this software is not.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { forget, get, isOffline, lastAnswer, may, remove, session } from './api.ts'
import { link, route } from './route.ts'
import { language, setLanguage, t, word, type Key } from './text.ts'
import { about } from './about.ts'
import type { About } from './types.ts'
import { Login } from './screens/login.tsx'
import { DueList } from './screens/due-list.tsx'
import { Patients } from './screens/patients.tsx'
import { PatientScreen } from './screens/patient.tsx'
import { OrderScreen, Orders } from './screens/orders.tsx'
import { StockScreen } from './screens/stock.tsx'
import { ImportScreen } from './screens/import.tsx'
import { Protocols, ProtocolScreen } from './screens/protocols.tsx'
import { Tools } from './screens/tools.tsx'
import { Admin } from './screens/admin.tsx'

interface Place {
  path: string
  word: Key
  task: string
}

const places: Place[] = [
  { path: 'due', word: 'app.due', task: 'read_patients' },
  { path: 'patients', word: 'app.patients', task: 'read_patients' },
  { path: 'orders', word: 'app.orders', task: 'read_patients' },
  { path: 'stock', word: 'app.stock', task: 'read_stock' },
  { path: 'import', word: 'app.import', task: 'import_records' },
  { path: 'protocols', word: 'app.protocols', task: 'read_protocols' },
  { path: 'tools', word: 'app.tools', task: 'calculate' },
  { path: 'admin', word: 'app.admin', task: 'read_audit' },
]

function Screen() {
  const [place = places.find((one) => may(one.task))?.path ?? 'due', first, second] = route.value.parts
  const here = places.find((one) => one.path === place)
  if (here && !may(here.task)) {
    return (
      <>
        <h1>{t(here.word)}</h1>
        <p>{t('app.notAllowed', word('role', session.value?.role ?? ''))}</p>
      </>
    )
  }
  switch (place) {
    case 'due':
      return <DueList />
    case 'patients':
      return first ? <PatientScreen key={first} id={first} tab={second ?? 'timeline'} /> : <Patients />
    case 'orders':
      return first ? <OrderScreen key={first} id={first} /> : <Orders />
    case 'stock':
      return <StockScreen chosen={first} />
    case 'import':
      return <ImportScreen />
    case 'protocols':
      return first ? <ProtocolScreen key={first} id={first} /> : <Protocols />
    case 'tools':
      return <Tools chosen={first} />
    case 'admin':
      return <Admin />
    default:
      return <h1>{t('app.notFound')}</h1>
  }
}

function changeTheme() {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  localStorage.setItem('graftline.theme', next)
}

function Top() {
  const here = route.value.parts[0] ?? 'due'
  const who = session.value
  return (
    <header>
      <div class="top">
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById('main')?.focus())}>
        {t('app.skip')}
      </a>
      <a class="name" href={link(['due'])}>
        graftline
      </a>
      {who ? (
        <nav aria-label={t('app.menu')}>
          {places
            .filter((place) => may(place.task))
            .map((place) => (
              <a key={place.path} href={link([place.path], { as_of: route.value.query.get('as_of') ?? undefined })} aria-current={here === place.path ? 'page' : undefined}>
                {t(place.word)}
              </a>
            ))}
        </nav>
      ) : (
        <span style="flex:1" />
      )}
      {who ? (
        <span class="who">
          {who.full_name || who.account}, {word('role', who.role)}
          {who.site ? `, ${who.site}` : ''}
        </span>
      ) : null}
      <button
        type="button"
        class="plain"
        lang={language.value === 'zh' ? 'en' : 'zh-Hans'}
        onClick={() => setLanguage(language.value === 'zh' ? 'en' : 'zh')}
      >
        {t('app.language')}
      </button>
      <button type="button" class="plain" aria-label={t('app.theme')} title={t('app.theme')} onClick={changeTheme}>
        ◐
      </button>
      {who ? (
        <button type="button" class="plain" onClick={() => remove('/api/session').finally(forget)}>
          {t('app.signOut')}
        </button>
      ) : null}
      </div>
      {isOffline.value ? (
        <div class="band" role="status">
          {lastAnswer.value ? t('app.offline', lastAnswer.value.toLocaleTimeString()) : t('app.offline.never')}
        </div>
      ) : null}
      {about.value?.demo ? <div class="band">{t('app.demo')}</div> : null}
    </header>
  )
}

export function App() {
  const isAsked = useSignal(false)
  const signedIn = session.value !== null
  useEffect(() => {
    if (!signedIn) {
      about.value = null
      return
    }
    isAsked.value = true
    get<About>('/api/about').then(
      (found) => {
        about.value = found
      },
      () => undefined,
    )
  }, [signedIn])
  const research = about.value?.research_use
  return (
    <>
      <Top />
      <main id="main" tabIndex={-1}>
        {!signedIn ? <Login /> : about.value ? <Screen /> : <p aria-live="polite">{t('app.loading')}</p>}
      </main>
      <footer>
        {research ? (language.value === 'zh' ? research.zh : research.en) : t('app.research')}
        {about.value ? ` graftline ${about.value.version}` : ''}
      </footer>
    </>
  )
}
