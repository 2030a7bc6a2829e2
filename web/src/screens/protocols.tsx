// Protocols as documents: the text that runs, what verification found, what another version changes.
import { useState } from 'preact/hooks'
import { about } from '../about.ts'
import { get } from '../api.ts'
import { Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { link } from '../route.ts'
import { t, word } from '../text.ts'
import type { Protocol, ProtocolSummary, Verification } from '../types.ts'

export function Protocols() {
  const read = useRead(() => get<{ items: ProtocolSummary[] }>('/api/protocols'), 'protocols')
  return (
    <>
      <h1>{t('protocols.title')}</h1>
      <Waiting read={read}>
        {(list) => (
          <ul class="plain">
            {list.items.map((one) => (
              <li key={one.id} style="padding:6px 0;border-bottom:1px solid var(--line)">
                <a href={link(['protocols', one.id])}>
                  <b>{one.id}</b>
                </a>{' '}
                <span class="badge plain">{word('protocols.status', one.status)}</span>
                <div>
                  <Powers text={one.title} />
                </div>
                <div class="small">
                  {t('protocols.version', one.version)}, sha256 {one.sha256.slice(0, 12)}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Waiting>
    </>
  )
}

interface Difference {
  changes: { change: string; statement: string; strategy: string; before: string; after: string }[]
}

function Verified({ id, choose }: { id: string; choose: (line: number) => void }) {
  const read = useRead(
    () => get<Verification | Verification[]>(`/api/protocols/${encodeURIComponent(id)}/verification`),
    id,
  )
  return (
    <Waiting read={read}>
      {(answer) => {
        const found = Array.isArray(answer) ? answer[0]! : answer
        const errors = found.findings.filter((one) => one.severity === 'error')
        return (
          <>
            {errors.length === 0 ? <p>{t('protocols.sound', String(found.statistics.states ?? 0))}</p> : null}
            {found.findings.length ? <p>{t('protocols.findings', found.findings.length)}</p> : null}
            {found.findings.map((one, i) => (
              <div key={i} class="criterion">
                <span class={`badge ${one.severity === 'error' ? 'no' : one.severity === 'warning' ? 'unknown' : 'plain'}`}>{one.kind}</span>{' '}
                <button type="button" class="plain" onClick={() => choose(one.line)}>
                  {t('protocols.line', one.line)}
                </button>
                <div>{one.what}</div>
                <div class="small">{one.why}</div>
                {one.repair ? <div>{t('protocols.repair', one.repair)}</div> : null}
                {one.case ? (
                  <details>
                    <summary>{t('protocols.story')}</summary>
                    <pre class="text" tabIndex={0}>
                      {one.case}
                    </pre>
                  </details>
                ) : null}
              </div>
            ))}
            {found.holds.length ? (
              <ul>
                {found.holds.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            ) : null}
          </>
        )
      }}
    </Waiting>
  )
}

function Changes({ id, other }: { id: string; other: string }) {
  const read = useRead(
    () => get<Difference>(`/api/protocols/${encodeURIComponent(id)}/difference`, { with: other }),
    `${id}|${other}`,
  )
  return (
    <Waiting read={read}>
      {(difference) =>
        difference.changes.length === 0 ? (
          <p>{t('protocols.same')}</p>
        ) : (
          <ul class="plain">
            {difference.changes.map((one, i) => (
              <li key={i} class="criterion">
                <span class="badge plain">{one.change}</span> {one.statement} {one.strategy ? <span class="small">{word('strategy', one.strategy)}</span> : null}
                {one.before ? <pre class="text">− {one.before}</pre> : null}
                {one.after ? <pre class="text">+ {one.after}</pre> : null}
              </li>
            ))}
          </ul>
        )
      }
    </Waiting>
  )
}

export function ProtocolScreen({ id }: { id: string }) {
  const read = useRead(() => get<Protocol>(`/api/protocols/${encodeURIComponent(id)}`), id)
  const [line, setLine] = useState(0)
  const [other, setOther] = useState('')
  return (
    <Waiting read={read}>
      {(protocol) => (
        <>
          <h1>
            <Powers text={protocol.title} />
          </h1>
          <p>
            <b>{protocol.id}</b> <span class="badge plain">{word('protocols.status', protocol.status)}</span>{' '}
            {t('protocols.version', protocol.version)} <span class="small">sha256 {protocol.sha256}</span>
          </p>
          <div class="columns">
            <section>
              <h2>{t('protocols.read')}</h2>
              <pre class="text" tabIndex={0} aria-label={t('protocols.read')}>
                {protocol.text.split('\n').map((content, i) => (
                  <span
                    key={i}
                    class={`line${i + 1 === line ? ' here' : ''}`}
                    data-n={i + 1}
                    ref={(element) => {
                      if (element && i + 1 === line) element.scrollIntoView({ block: 'center' })
                    }}
                  >
                    {content || ' '}
                  </span>
                ))}
              </pre>
            </section>
            <section>
              <h2>{t('protocols.summary')}</h2>
              <pre class="text" tabIndex={0} aria-label={t('protocols.summary')}>
                <Powers text={protocol.summary} />
              </pre>
              <h2>{t('protocols.verification')}</h2>
              <Verified id={id} choose={setLine} />
              <h2>{t('protocols.changes')}</h2>
              <Field label={t('protocols.difference')}>
                <select value={other} onChange={(e) => setOther(e.currentTarget.value)}>
                  <option value="" />
                  {about.value?.protocols
                    .filter((one) => one.id !== id)
                    .map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.id}
                      </option>
                    ))}
                </select>
              </Field>
              {other ? <Changes id={id} other={other} /> : null}
            </section>
          </div>
        </>
      )}
    </Waiting>
  )
}
