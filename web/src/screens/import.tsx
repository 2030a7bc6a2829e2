// Import with its report: what was read, mapped, ignored and refused.
import { useEffect, useState } from 'preact/hooks'
import { get, may, remove, upload } from '../api.ts'
import { ActionForm, Field, instant, useRead, Waiting } from '../parts/basics.tsx'
import { t, type Key } from '../text.ts'
import type { Job, Page } from '../types.ts'

const types: Record<string, string> = {
  ndjson: 'application/fhir+ndjson',
  json: 'application/fhir+json',
  csv: 'text/csv',
  gz: 'application/gzip',
}

// Whatever the report holds: numbers as pairs, lists as lists.
function Report({ value }: { value: unknown }) {
  if (value === null || typeof value !== 'object') return <>{String(value)}</>
  if (Array.isArray(value)) {
    return (
      <ul>
        {value.slice(0, 200).map((one, i) => (
          <li key={i}>
            <Report value={one} />
          </li>
        ))}
        {value.length > 200 ? <li>… {value.length}</li> : null}
      </ul>
    )
  }
  return (
    <dl class="pairs">
      {Object.entries(value).map(([name, one]) => (
        <>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>
            <Report value={one} />
          </dd>
        </>
      ))}
    </dl>
  )
}

function JobLine({ first }: { first: Job }) {
  const [job, setJob] = useState(first)
  const isLive = job.state === 'queued' || job.state === 'running'
  useEffect(() => {
    if (!isLive) return
    const stream = new EventSource(`/api/jobs/${encodeURIComponent(job.id)}/progress`)
    const take = (event: MessageEvent<string>) => setJob(JSON.parse(event.data) as Job)
    const end = () => {
      stream.close()
      get<Job>(`/api/jobs/${encodeURIComponent(job.id)}`).then(setJob, () => undefined)
    }
    stream.addEventListener('progress', take)
    stream.addEventListener('end', end)
    stream.onerror = end
    return () => stream.close()
  }, [job.id])
  return (
    <li class="card" style="margin-bottom:8px">
      <b>{job.name || job.kind}</b> <span class="badge plain">{t(`import.state.${job.state}` as Key)}</span>{' '}
      <span class="small">
        {job.who ?? ''} {job.started ? instant(job.started) : ''}
      </span>
      {isLive ? (
        <>
          <progress
            max={job.progress.total ?? undefined}
            value={job.progress.total ? job.progress.done : undefined}
            aria-label={job.name || job.kind}
          />
          {job.progress.total ? <span class="small">{t('import.progress', job.progress.done, job.progress.total)}</span> : null}
          <button type="button" onClick={() => remove(`/api/jobs/${encodeURIComponent(job.id)}`)}>
            {t('import.cancel')}
          </button>
        </>
      ) : null}
      {job.problem ? <p class="bad">{job.problem}</p> : null}
      {job.result ? (
        <details open={first.state !== job.state}>
          <summary>{t('import.report')}</summary>
          <Report value={job.result} />
        </details>
      ) : null}
    </li>
  )
}

export function ImportScreen() {
  const [file, setFile] = useState<File | null>(null)
  const [own, setOwn] = useState<Job[]>([])
  const read = useRead(() => get<Page<Job>>('/api/jobs', { limit: 50 }), 'jobs')
  return (
    <>
      <h1>{t('import.title')}</h1>
      <p>{t('import.explain')}</p>
      {may('import_records') ? (
        <ActionForm
          button={file ? t('import.button', file.name) : t('import.choose')}
          disabled={!file}
          onSend={async () => {
            if (!file) return
            const ending = file.name.split('.').at(-1)?.toLowerCase() ?? ''
            const job = await upload<Job>(
              `/api/imports?name=${encodeURIComponent(file.name)}`,
              file,
              types[ending] ?? 'application/octet-stream',
            )
            setOwn((jobs) => [job, ...jobs])
          }}
        >
          <Field label={t('import.file')}>
            <input type="file" accept=".json,.ndjson,.csv,.gz" onChange={(e) => setFile(e.currentTarget.files?.[0] ?? null)} />
          </Field>
          <p />
        </ActionForm>
      ) : null}
      <h2>{t('import.jobs')}</h2>
      <Waiting read={read}>
        {(page) => (
          <ul class="plain">
            {[...own, ...page.items.filter((job) => !own.some((one) => one.id === job.id))].map((job) => (
              <JobLine key={job.id} first={job} />
            ))}
            {own.length + page.items.length === 0 ? <li>{t('app.nothing')}</li> : null}
          </ul>
        )}
      </Waiting>
    </>
  )
}
