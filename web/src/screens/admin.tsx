// Accounts, the log, and whether the log is whole.
import { useState } from 'preact/hooks'
import { about } from '../about.ts'
import { get, may, patch, post } from '../api.ts'
import { ActionForm, Field, instant, Problem, useRead, Waiting } from '../parts/basics.tsx'
import { t, word, type Key } from '../text.ts'
import type { Account, LogEvent, Page, Role } from '../types.ts'

const roles: Role[] = ['viewer', 'physician', 'coordinator', 'lab', 'trial', 'statistician', 'admin']

export function EventLog({ patient }: { patient?: string }) {
  const [limit, setLimit] = useState(50)
  const path = patient ? `/api/patients/${encodeURIComponent(patient)}/events` : '/api/audit'
  const read = useRead(() => get<Page<LogEvent>>(path, { limit }), `${path}|${limit}`)
  return (
    <Waiting read={read}>
      {(page) => (
        <>
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">#</th>
                <th scope="col">{t('admin.when')}</th>
                <th scope="col">{t('admin.who')}</th>
                <th scope="col">{t('admin.what')}</th>
                <th scope="col">{t('admin.subject')}</th>
                <th scope="col">{t('app.why')}</th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((event) => (
                <tr key={event.seq}>
                  <td data-label="#">{event.seq}</td>
                  <td data-label={t('admin.when')}>{instant(event.at)}</td>
                  <td data-label={t('admin.who')}>{event.who}</td>
                  <td data-label={t('admin.what')}>{event.kind}</td>
                  <td data-label={t('admin.subject')}>{event.patient || event.subject}</td>
                  <td data-label={t('app.why')}>{event.why ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {page.items.length < page.total ? (
            <button type="button" onClick={() => setLimit((n) => Math.min(500, n + 100))}>
              {t('app.more', page.items.length, page.total)}
            </button>
          ) : null}
        </>
      )}
    </Waiting>
  )
}

function NewAccount({ done }: { done: () => void }) {
  const [account, setAccount] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [site, setSite] = useState('')
  const [password, setPassword] = useState('')
  return (
    <details>
      <summary>{t('admin.new')}</summary>
      <ActionForm
        button={t('admin.create')}
        onSend={async () => {
          await post('/api/accounts', { account, role, site, full_name: name, password })
          setPassword('')
          setAccount('')
          done()
        }}
      >
        <div class="row">
          <Field label={t('admin.account')}>
            <input required autocomplete="off" value={account} onInput={(e) => setAccount(e.currentTarget.value)} />
          </Field>
          <Field label={t('admin.name')}>
            <input value={name} onInput={(e) => setName(e.currentTarget.value)} />
          </Field>
          <Field label={t('admin.role')}>
            <select value={role} onChange={(e) => setRole(e.currentTarget.value as Role)}>
              {roles.map((one) => (
                <option key={one} value={one}>
                  {t(`role.${one}` as Key)}
                </option>
              ))}
            </select>
          </Field>
          <Field label={t('admin.site')}>
            <input list="sites" value={site} placeholder={t('admin.allSites')} onInput={(e) => setSite(e.currentTarget.value)} />
          </Field>
          <datalist id="sites">
            {about.value?.sites.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <Field label={t('admin.password')}>
            <input
              type="password"
              required
              minLength={12}
              autocomplete="new-password"
              value={password}
              onInput={(e) => setPassword(e.currentTarget.value)}
            />
          </Field>
        </div>
      </ActionForm>
    </details>
  )
}

function Accounts() {
  const read = useRead(() => get<Page<Account>>('/api/accounts', { limit: 500 }), 'accounts')
  const [problem, setProblem] = useState<unknown>(null)
  const [why, setWhy] = useState('')
  return (
    <Waiting read={read}>
      {(page) => (
        <>
          <Field label={t('app.reason')}>
            <input value={why} onInput={(e) => setWhy(e.currentTarget.value)} />
          </Field>
          <Problem of={problem} />
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">{t('admin.account')}</th>
                <th scope="col">{t('admin.name')}</th>
                <th scope="col">{t('admin.role')}</th>
                <th scope="col">{t('admin.site')}</th>
                <th scope="col">{t('admin.state')}</th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((one) => (
                <tr key={one.account}>
                  <td data-label={t('admin.account')}>{one.account}</td>
                  <td data-label={t('admin.name')}>{one.full_name ?? ''}</td>
                  <td data-label={t('admin.role')}>{word('role', one.role)}</td>
                  <td data-label={t('admin.site')}>{one.site || t('admin.allSites')}</td>
                  <td data-label={t('admin.state')}>
                    {one.disabled ? t('admin.disabled') : t('admin.active')}{' '}
                    <button
                      type="button"
                      onClick={() => {
                        setProblem(null)
                        patch(`/api/accounts/${encodeURIComponent(one.account)}`, one.version, { disabled: !one.disabled, why }).then(
                          read.again,
                          setProblem,
                        )
                      }}
                    >
                      {t(one.disabled ? 'admin.enable' : 'admin.disable', one.account)}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <NewAccount done={read.again} />
        </>
      )}
    </Waiting>
  )
}

function Whole() {
  const [said, setSaid] = useState<{ sound: boolean; events: number; head: string; first_bad?: number | null; problem?: string } | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  return (
    <div class="row">
      <button type="button" onClick={() => get<NonNullable<typeof said>>('/api/audit/verification').then(setSaid, setProblem)}>
        {t('admin.verify')}
      </button>
      <a href="/api/audit/export" download="graftline-log.ndjson">
        {t('admin.export')}
      </a>
      <span role="status" class={said && !said.sound ? 'bad' : ''}>
        {said ? (said.sound ? t('admin.sound', said.events, said.head.slice(0, 16)) : t('admin.broken', said.first_bad ?? '', said.problem ?? '')) : ''}
      </span>
      <Problem of={problem} />
    </div>
  )
}

export function Admin() {
  return (
    <>
      <h1>{t('admin.title')}</h1>
      {may('administer') ? (
        <>
          <h2>{t('admin.accounts')}</h2>
          <Accounts />
        </>
      ) : null}
      <h2>{t('admin.log')}</h2>
      <Whole />
      <EventLog />
    </>
  )
}
