// Monday morning: who is overdue, due, waiting, blocked, and by what.
import { useState } from 'preact/hooks'
import { about, asOf } from '../about.ts'
import { get } from '../api.ts'
import { Badge, Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { ask, link, route } from '../route.ts'
import { t, word, type Key } from '../text.ts'
import type { Lane, Worklist, WorklistRow } from '../types.ts'

const lanes: Lane[] = ['overdue', 'due', 'upcoming', 'blocked', 'closed']

function When({ row }: { row: WorklistRow }) {
  if (row.lane === 'overdue') return <b class="bad">{t('due.overdue', row.days_overdue ?? 0)}</b>
  if (row.decision === 'wait') return <>{row.date ? t('due.until', row.date) : null}</>
  return (
    <>
      {row.date ? t('due.since', row.date) : null}
      {row.date && row.latest ? <br /> : null}
      {row.latest ? t('due.notAfter', row.latest) : null}
    </>
  )
}

function Row({ row }: { row: WorklistRow }) {
  const day = asOf()
  // A dose that may not be given is not shown as if it were one.
  const dose = row.lane === 'closed' ? '' : row.dose
  const query = { protocol: row.protocol, as_of: route.value.query.get('as_of') ?? undefined }
  return (
    <li class="due-row">
      <div>
        <a href={link(['patients', row.patient, 'decision'], query)}>
          <b>{row.patient}</b>
        </a>
        {row.day ? <div class="small">{t('patient.day', row.day)}</div> : null}
      </div>
      <div class="wide">
        {row.protocol}
        {row.strategy ? <div class="small">{word('strategy', row.strategy)}</div> : null}
      </div>
      <div>
        <Badge group="action" name={row.decision} />
        <div class="small">
          <When row={row} />
        </div>
      </div>
      <div class="wide">
        {row.hold ? <div class="bad">{t('due.held', row.hold.full_name || row.hold.who, row.hold.reason ?? '')}</div> : null}
        {dose ? (
          <div class={row.decision === 'give' ? 'dose' : ''}>
            <Powers text={dose} />
          </div>
        ) : null}
        {dose && row.cells ? (
          <div>
            <Powers text={row.cells} /> {row.weight ? t('due.for', row.weight, row.weighed_on ?? '') : null}
          </div>
        ) : dose ? (
          <div class="warn">{t('due.noWeight')}</div>
        ) : null}
        {dose && row.last_infusion ? (
          <div class="small">
            {t('due.last', row.last_infusion)}
            {row.ratio ? `; ${t('due.ratio', row.ratio)}` : ''}
          </div>
        ) : null}
        {row.blocked_by && row.decision !== 'give' ? <div>{row.blocked_by}</div> : null}
        {row.failing.length ? <div>{t('due.failing', row.failing.join('; '))}</div> : null}
        {row.missing.length ? (
          <div class="warn">
            {t('due.missing', (row.missing_phrases ?? row.missing).slice(0, 6).join(', '))}
            {row.missing.length > 6 ? ` (+${row.missing.length - 6})` : ''}
          </div>
        ) : null}
        {row.cautions.map((caution) => (
          <div class="warn" key={caution}>
            {t('due.caution', caution)}
          </div>
        ))}
      </div>
      <div class="actions wide">
        <a href={link(['patients', row.patient, 'decision'], query)} aria-label={`${t('due.why')} ${row.patient} ${row.protocol} ${day}`}>
          {t('due.why')}
        </a>
        <a href={link(['patients', row.patient, 'plan'], query)} aria-label={`${t('due.plan')} ${row.patient} ${row.protocol} ${day}`}>
          {t('due.plan')}
        </a>
      </div>
    </li>
  )
}

function Rows({ rows }: { rows: WorklistRow[] }) {
  return (
    <ul class="plain">
      {rows.map((row) => (
        <Row key={`${row.patient} ${row.protocol}`} row={row} />
      ))}
    </ul>
  )
}

export function DueList() {
  const query = route.value.query
  const protocol = query.get('protocol') ?? ''
  const text = query.get('q') ?? ''
  const [limit, setLimit] = useState(200)
  const day = asOf()
  const read = useRead(
    () => get<Worklist>('/api/worklist', { protocol, as_of: day, q: text, limit }),
    `${protocol}|${day}|${text}|${limit}`,
  )
  return (
    <>
      <h1>{t('due.title')}</h1>
      <form class="row" role="search" aria-label={t('due.filter')} onSubmit={(e) => e.preventDefault()}>
        <Field label={t('app.asOf')}>
          <input type="date" value={day} onChange={(e) => ask('as_of', e.currentTarget.value)} />
        </Field>
        <Field label={t('app.protocol')}>
          <select value={protocol} onChange={(e) => ask('protocol', e.currentTarget.value)}>
            <option value="">{t('due.all')}</option>
            {about.value?.protocols.map((p) => (
              <option key={p.id} value={p.id}>
                {p.id}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('due.q')}>
          <input type="search" value={text} onInput={(e) => ask('q', e.currentTarget.value)} />
        </Field>
      </form>
      <Waiting read={read}>
        {(list) => (
          <>
            <p class="small" aria-live="polite">
              {t('due.summary', list.total, list.as_of)}
              {lanes.map((lane) => `; ${t(`due.lane.${lane}` as Key)} ${list.counts[lane] ?? 0}`)}
            </p>
            {lanes.map((lane) => {
              const rows = list.items.filter((row) => row.lane === lane)
              if (rows.length === 0 && (list.counts[lane] ?? 0) === 0 && lane !== 'due') return null
              return (
                <section class="lane" key={lane} aria-labelledby={`lane-${lane}`}>
                  <h2 id={`lane-${lane}`}>
                    {t(`due.lane.${lane}` as Key)} ({list.counts[lane] ?? 0})
                  </h2>
                  {rows.length === 0 ? <p>{t('due.nobody')}</p> : null}
                  {lane === 'closed' ? (
                    <details>
                      <summary>{t('app.show')}</summary>
                      <Rows rows={rows} />
                    </details>
                  ) : (
                    <Rows rows={rows} />
                  )}
                </section>
              )
            })}
            {list.items.length < list.total ? (
              <button type="button" onClick={() => setLimit((n) => Math.min(500, n + 200))}>
                {t('app.more', list.items.length, list.total)}
              </button>
            ) : null}
          </>
        )}
      </Waiting>
    </>
  )
}
