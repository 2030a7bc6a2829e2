import { useState } from 'preact/hooks'
import { get } from '../api.ts'
import { Field, useRead, Waiting } from '../parts/basics.tsx'
import { ask, link, route } from '../route.ts'
import { t } from '../text.ts'
import type { Page, Patient } from '../types.ts'

export function Patients() {
  const text = route.value.query.get('q') ?? ''
  const [limit, setLimit] = useState(100)
  const read = useRead(() => get<Page<Patient>>('/api/patients', { q: text, limit }), `${text}|${limit}`)
  return (
    <>
      <h1>{t('patient.find')}</h1>
      <form class="row" role="search" onSubmit={(e) => e.preventDefault()}>
        <Field label={t('due.q')}>
          <input type="search" value={text} onInput={(e) => ask('q', e.currentTarget.value)} />
        </Field>
      </form>
      <Waiting read={read}>
        {(page) => (
          <>
            {page.items.length === 0 ? <p>{t('app.nothing')}</p> : null}
            <ul class="plain">
              {page.items.map((patient) => (
                <li key={patient.id} style="padding:5px 0;border-bottom:1px solid var(--line)">
                  <a href={link(['patients', patient.id])}>
                    <b>{patient.id}</b>
                  </a>{' '}
                  {patient.name ?? ''} <span class="small">{patient.birth_date ? t('patient.born', patient.birth_date) : ''}</span>
                </li>
              ))}
            </ul>
            {page.items.length < page.total ? (
              <button type="button" onClick={() => setLimit((n) => Math.min(500, n + 100))}>
                {t('app.more', page.items.length, page.total)}
              </button>
            ) : null}
          </>
        )}
      </Waiting>
    </>
  )
}
